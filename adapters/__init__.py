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
    """All adapters by kind, sorted: the built-in ones, then those of entry points, which can't replace a built-in one.

    Raises:
        ValueError: two packages offer the same kind.
        TypeError: an entry point's value is no `Adapter`.
    """
    found = [*_built_in(), *(_adapter(point) for point in entry_points(group=ENTRY_POINT_GROUP))]
    adapters: dict[str, Adapter] = {}
    for adapter in found:
        if adapter.kind in adapters:
            raise ValueError(f"two installed packages offer the kind of source {adapter.kind!r}")
        adapters[adapter.kind] = adapter
    return dict(sorted(adapters.items()))


def _built_in() -> Iterator[Adapter]:
    """Those of the folders beside this module that hold one."""
    for folder in (module.name for module in pkgutil.iter_modules(__path__) if module.ispkg):
        package = importlib.import_module(f"{__name__}.{folder}")
        if hasattr(package, "ADAPTER"):
            yield package.ADAPTER


def _adapter(point: EntryPoint) -> Adapter:
    found = point.load()
    if not isinstance(found, Adapter):
        kind = type(found).__name__
        raise TypeError(f"entry point {point.name!r} of {point.group}: {point.value} must be an Adapter, not a {kind}")
    return found
