"""What is kept in memory, and what goes when there is no room."""

from gateway.federation.freshness.memory import LARGEST_SHARE, Memory
from tests.gateway.federation.freshness.asking import Counting
from tests.gateway.federation.freshness.entries import an_entry

ROOM = 1000
TENTH = ROOM // 10


def filled(*keys: str, meter: Counting | None = None) -> Memory:
    memory = Memory(ROOM, meter or Counting())
    for key in keys:
        memory.put(key, an_entry(TENTH), 0)
    return memory


def kept(memory: Memory, keys: str) -> str:
    return "".join(key for key in keys if memory.peek(key, 0))


def test_what_nobody_came_back_for_goes_first() -> None:
    memory = filled(*"abcdefghij")
    for key in "ac":
        memory.get(key, 0)

    memory.put("k", an_entry(2 * TENTH // 2), 0)
    memory.put("l", an_entry(TENTH), 0)

    assert kept(memory, "abcdefghijkl") == "acefghijkl"


def test_whoever_pages_through_much_pushes_out_his_own_pages_only() -> None:
    memory = filled(*"abcde")
    for key in "abcde":
        memory.get(key, 0)

    for page in range(100):
        memory.put(f"page {page}", an_entry(TENTH), 0)
        # They are wanted now and then, but much more seldom than pages come.
        if page % 4 == 0:
            for key in "abcde":
                memory.get(key, 0)

    assert kept(memory, "abcde") == "abcde"


def test_what_is_gone_goes_before_anything_that_is_not() -> None:
    meter = Counting()
    memory = Memory(ROOM, meter)
    memory.put("old", an_entry(TENTH), 0)
    for key in "abcdefghi":
        memory.put(key, an_entry(TENTH, gone_at=5), 0)

    memory.put("new", an_entry(TENTH), 5)

    assert len(memory) == 2
    assert memory.get("old", 5) is not None
    assert meter.said == ["evicted gone"] * 9


def test_what_is_gone_is_not_given_out() -> None:
    memory = Memory(ROOM, Counting())
    memory.put("a", an_entry(TENTH, gone_at=5), 0)

    assert memory.get("a", 4.9) is not None
    assert memory.get("a", 5) is None
    assert memory.peek("a", 5) is None


def test_what_takes_too_large_a_share_is_not_kept_and_drives_nothing_out() -> None:
    memory = filled(*"abcdefghij")

    assert not memory.put("large", an_entry(ROOM // LARGEST_SHARE + 1), 0)

    assert kept(memory, "abcdefghij") == "abcdefghij"
    assert memory.put("just right", an_entry(ROOM // LARGEST_SHARE), 0)


def test_whoever_holds_a_mark_learns_that_the_entry_is_no_longer_kept() -> None:
    memory = Memory(ROOM, Counting())
    replaced, evicted, current = (an_entry(TENTH) for _ in range(3))
    memory.put("a", replaced, 0)
    memory.put("a", current, 0)
    memory.put("b", evicted, 0)
    memory.get("a", 0)
    for key in range(10):
        memory.put(key, an_entry(TENTH), 0)

    assert [entry.mark.is_kept for entry in (replaced, evicted, current)] == [False, False, True]


def test_it_tells_how_much_it_holds() -> None:
    meter = Counting()

    filled(*"abc", meter=meter)

    assert (meter.entries, meter.size) == (3, 3 * TENTH)


def test_ends_of_what_was_replaced_are_forgotten() -> None:
    """A number that is observed every few seconds and kept for an hour must not leave a trace each time."""
    memory = Memory(ROOM, Counting())

    for at in range(10_000):
        memory.put("a", an_entry(TENTH, gone_at=100_000), at)

    assert len(memory._ends) < 1000  # noqa: SLF001 - nothing else shows it
