"""Which kinds of source there are, and how another package adds one."""

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

import adapters
from adapters import ENTRY_POINT_GROUP, UnusableAdapterError, built_in, installed, zylon
from adapters.simulation import World

THEIRS = replace(zylon.ADAPTER, kind="elsewhere")
NOT_AN_ADAPTER = "a text"

Offer = Callable[[str], None]


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Offer:
    """Install a package whose entry point names something in this module."""

    def install(attribute: str) -> None:
        point = EntryPoint(name="theirs", value=f"{__name__}:{attribute}", group=ENTRY_POINT_GROUP)
        monkeypatch.setattr(adapters, "entry_points", lambda *, group: [point] if group == ENTRY_POINT_GROUP else [])

    return install


def test_the_built_in_kinds_are_there() -> None:
    assert ["fluidtopics", "superoffice", "zylon"] == list(built_in())
    assert built_in().keys() < installed().keys()


def test_a_kind_has_one_name_wherever_it_is_named(world: World) -> None:
    for kind, adapter in installed().items():
        simulator = adapter.simulator(world)
        assert (kind, kind, kind) == (adapter.kind, simulator.kind, simulator.source["kind"])
        assert adapter.display_name


def test_another_package_offers_a_kind(offer: Offer) -> None:
    offer("THEIRS")
    assert THEIRS == installed()["elsewhere"]
    assert sorted(installed()) == list(installed())


def test_no_package_replaces_a_built_in_kind(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "THEIRS", replace(THEIRS, kind="zylon"))
    offer("THEIRS")
    with pytest.raises(UnusableAdapterError, match="two installed packages offer the kind of source 'zylon'"):
        installed()


def test_what_is_no_adapter_is_refused_by_its_name(offer: Offer) -> None:
    offer("NOT_AN_ADAPTER")
    with pytest.raises(UnusableAdapterError, match=r"point 'theirs' .*:NOT_AN_ADAPTER must be an Adapter, not a str"):
        installed()


def test_what_cannot_be_loaded_is_refused_by_its_name(offer: Offer) -> None:
    offer("NO_SUCH_THING")
    with pytest.raises(UnusableAdapterError, match=r"point 'theirs' .*:NO_SUCH_THING cannot be loaded: AttributeError"):
        installed()
