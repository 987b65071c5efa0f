"""Departures are counted by field and kind, within bounds."""

from adapters.drift import MOST_FIELDS, DriftKind, DriftLog


def test_departures_are_counted_by_field_and_kind_and_told_in_order() -> None:
    log = DriftLog()
    log.note("user", DriftKind.UNKNOWN)
    log.note("user", DriftKind.MISTYPED, 2)
    log.note("email", DriftKind.MISSING)
    log.note("user", DriftKind.UNKNOWN, 3)
    assert [
        ("email", DriftKind.MISSING, 1),
        ("user", DriftKind.UNKNOWN, 4),
        ("user", DriftKind.MISTYPED, 2),
    ] == list(log)


def test_there_is_none_until_one_is_noted() -> None:
    log = DriftLog()
    assert not log
    log.note("user", DriftKind.UNKNOWN)
    assert log


def test_merging_adds_and_leaves_the_other_as_it_was() -> None:
    mine, other = DriftLog(), DriftLog()
    mine.note("user", DriftKind.UNKNOWN)
    other.note("user", DriftKind.UNKNOWN, 2)
    other.note("email", DriftKind.MISSING)
    mine.merge(other)
    assert [("email", DriftKind.MISSING, 1), ("user", DriftKind.UNKNOWN, 3)] == list(mine)
    assert [("email", DriftKind.MISSING, 1), ("user", DriftKind.UNKNOWN, 2)] == list(other)


def test_an_upstream_that_invents_fields_does_not_fill_the_memory() -> None:
    log = DriftLog()
    for number in range(10 * MOST_FIELDS):
        log.note(f"field{number}", DriftKind.UNKNOWN)
    log.note("x" * 100_000, DriftKind.MISTYPED)
    log.note("field0", DriftKind.UNKNOWN)
    told = {(field, kind): count for field, kind, count in log}
    assert MOST_FIELDS + 2 == len(told)
    assert 9 * MOST_FIELDS == told["…", DriftKind.UNKNOWN]
    assert 1 == told["…", DriftKind.MISTYPED]
    assert 2 == told["field0", DriftKind.UNKNOWN]


def test_a_long_name_is_cut() -> None:
    log = DriftLog()
    log.note("x" * 100_000, DriftKind.UNKNOWN)
    ((field, _, _),) = log
    assert 200 == len(field)
