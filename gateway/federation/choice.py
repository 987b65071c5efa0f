"""Which sources a request is put to."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from gateway.federation.open_source import OpenSource
from gateway.pipeline.errors import (
    FieldViolation,
    InvalidRequestError,
    NoSourceCanAnswerError,
    SourceCannotAnswerError,
    UnknownSourceError,
)


class NamesSources(Protocol):
    """A request that may name sources."""

    @property
    def sources(self) -> Sequence[str]:
        """Ids; empty: all that can answer."""
        ...


class RequiresSources(NamesSources, Protocol):
    """A request that may require some of the sources that it is put to."""

    @property
    def required_sources(self) -> Sequence[str]:
        """Ids."""
        ...


def named(sources: Mapping[str, OpenSource], request: NamesSources) -> list[OpenSource]:
    """The sources that the request names, or all; sorted by id.

    Raises:
        UnknownSourceError: one named is not configured.
    """
    _must_exist(sources, "sources", request.sources)
    return [sources[source] for source in sorted(request.sources or sources)]


def able(
    sources: Mapping[str, OpenSource], request: NamesSources, *, can: Callable[[OpenSource], bool]
) -> list[OpenSource]:
    """The sources that the request names, or all that can answer it; sorted by id, at least one.

    Raises:
        UnknownSourceError: one named is not configured.
        SourceCannotAnswerError: one named can't answer.
        NoSourceCanAnswerError: none can.
    """
    chosen = [source for source in named(sources, request) if can(source)]
    ids = {source.id for source in chosen}
    if request.sources:
        _must_be_able("sources", request.sources, ids, (source.id for source in sources.values() if can(source)))
    if not chosen:
        raise NoSourceCanAnswerError("no configured source can answer this method")
    return chosen


def required(sources: Mapping[str, OpenSource], request: RequiresSources, asked: Iterable[str]) -> frozenset[str]:
    """The ids of the sources that the request requires, all of them among those asked.

    Raises:
        UnknownSourceError: one is not configured.
        SourceCannotAnswerError: one is not asked, since it can't answer.
        InvalidRequestError: one is not among the sources that the request names.
    """
    field = "required_sources"
    _must_exist(sources, field, request.required_sources)
    if request.sources:
        left_out = _at(
            field, request.required_sources, set(request.sources), "is not among `sources`; name it there too"
        )
        if left_out:
            raise InvalidRequestError(*left_out)
    _must_be_able(field, request.required_sources, set(asked), asked)
    return frozenset(request.required_sources)


def _must_exist(sources: Mapping[str, OpenSource], field: str, ids: Sequence[str]) -> None:
    if not sources.keys() >= set(ids):
        raise UnknownSourceError(*_at(field, ids, sources, f"is not configured; there {_are(sources)}"))


def _must_be_able(field: str, ids: Sequence[str], good: set[str], others: Iterable[str]) -> None:
    if not good.issuperset(ids):
        why = f"cannot answer this; of those that can, there {_are(others)}"
        raise SourceCannotAnswerError(*_at(field, ids, good, why))


def _at(field: str, ids: Sequence[str], good: Collection[str], why: str) -> list[FieldViolation]:
    """A violation for each id that is not a good one."""
    return [
        FieldViolation(field=f"{field}[{index}]", description=f'"{source}" {why}')
        for index, source in enumerate(ids)
        if source not in good
    ]


def _are(sources: Iterable[str]) -> str:
    ids = sorted(sources)
    return f"are: {', '.join(ids)}" if ids else "are none"
