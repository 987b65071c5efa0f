"""Which kinds of source there are, and how another package adds one."""

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

import adapters
from adapters import ENTRY_POINT_GROUP, installed, zylon

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
    assert {"fluidtopics", "superoffice", "zylon"} <= installed().keys()
    assert all(kind == adapter.kind for kind, adapter in installed().items())


def test_another_package_offers_a_kind(offer: Offer) -> None:
    offer("THEIRS")
    assert THEIRS == installed()["elsewhere"]
    assert sorted(installed()) == list(installed())


def test_no_package_replaces_a_built_in_kind(offer: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "THEIRS", replace(THEIRS, kind="zylon"))
    offer("THEIRS")
    with pytest.raises(ValueError, match="two installed packages offer the kind of source 'zylon'"):
        installed()


def test_what_is_no_adapter_is_refused_by_its_name(offer: Offer) -> None:
    offer("NOT_AN_ADAPTER")
    with pytest.raises(TypeError, match=r"entry point 'theirs' .*:NOT_AN_ADAPTER.* must be an Adapter, not a str"):
        installed()
