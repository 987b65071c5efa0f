"""The kinds of source that are installed: those built in, and those of other packages' entry points."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from adapters.outside import Outside
from adapters.ports import Source
from adapters.settings import SourceSettings
from adapters.simulation import Simulator, World

ENTRY_POINT_GROUP = "analytics_gateway.adapters"
"""Another package offers a kind by an entry point of this group whose value is an `Adapter`."""


class UnusableAdapterError(Exception):
    """An installed package offers a kind of source that cannot be used. The text says which, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """One kind of source."""

    kind: str
    """What `kind` says in the configuration."""
    display_name: str
    """The name of the upstream product."""
    settings: type[SourceSettings]
    """What the source's table in the configuration holds."""
    open: Callable[[str, Any, Outside], AbstractAsyncContextManager[Source]]
    """Opens the source of the given id with its settings, and closes what it opened. Sends nothing yet."""
    simulator: Callable[[World], Simulator]
    """The upstream played on loopback, for the sandbox and the tests."""


def installed() -> dict[str, Adapter]:
    """All adapters by kind, sorted: the built-in ones, and those of entry points, which can't replace a built-in one.

    Raises:
        UnusableAdapterError: two packages offer the same kind, or an entry point leads to no `Adapter`.
    """
    adapters = built_in()
    for point in entry_points(group=ENTRY_POINT_GROUP):
        adapter = _adapter(point)
        if adapter.kind in adapters:
            raise UnusableAdapterError(f"two installed packages offer the kind of source {adapter.kind!r}")
        adapters[adapter.kind] = adapter
    return dict(sorted(adapters.items()))


def built_in() -> dict[str, Adapter]:
    """The adapters that come with the gateway, by kind, sorted."""
    return {adapter.kind: adapter for adapter in sorted(_beside(), key=lambda adapter: adapter.kind)}


def _beside() -> Iterator[Adapter]:
    """Those of the folders beside this module that hold one."""
    for folder in (module.name for module in pkgutil.iter_modules(__path__) if module.ispkg):
        package = importlib.import_module(f"{__name__}.{folder}")
        if hasattr(package, "ADAPTER"):
            yield package.ADAPTER


def _adapter(point: EntryPoint) -> Adapter:
    place = f"entry point {point.name!r} of {point.group}: {point.value}"
    try:
        found = point.load()
    except Exception as error:
        raise UnusableAdapterError(f"{place} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(found, Adapter):
        raise UnusableAdapterError(f"{place} must be an Adapter, not a {type(found).__name__}")
    return found
