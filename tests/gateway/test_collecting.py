"""What the garbage collector does in a process that serves."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from gateway.collecting import leave_alone_what_stays


class Node:
    """One half of a cycle."""

    other: "Node"


def cycle() -> weakref.ref[Node]:
    """Two that only know each other."""
    one, two = Node(), Node()
    one.other, two.other = two, one
    return weakref.ref(one)


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_what_is_there_is_left_alone_from_then_on() -> None:
    stays = [Node()]

    leave_alone_what_stays()

    assert gc.get_freeze_count() > 0
    assert not any(each is stays for each in gc.get_objects())


def test_what_was_garbage_is_gone() -> None:
    garbage = cycle()

    leave_alone_what_stays()

    assert garbage() is None


def test_what_becomes_garbage_later_is_collected() -> None:
    leave_alone_what_stays()

    garbage = cycle()
    gc.collect()

    assert garbage() is None
