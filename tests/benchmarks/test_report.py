"""Rounds become ratios, and ratios tables and a page."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from benchmarks.goals import LessGrowth, NearBase, ShareOfFloor
from benchmarks.machine import Machine, machine
from benchmarks.page import confessions, to_page
from benchmarks.report import Comparison, to_json, to_tables
from benchmarks.rounds import Memory, Result, Spread, Turn, alternate

MACHINE = Machine(
    date="2026-03-18",
    cpu="Difference Engine",
    cores=4,
    memory_gib=15.5,
    system="Linux 6.12",
    python="3.13.1",
    versions={"analytics-gateway": "0.1.0", "grpcio": "1.85.0"},
    load_average=0.1,
)


def turns(*rates: float) -> list[Turn]:
    return [Turn(rate=rate, cpu_ms=0.25, p50_ms=10.0, p99_ms=20.0) for rate in rates]


FLOOR = Result(name="floor", turns=turns(1000, 2000, 4000))
GATEWAY = Result(name="gateway", turns=turns(500, 600, 2400), memory=Memory(peak_mib=93.4, growth_mib=1.2))
RIVAL = Result(name="another", turns=[Turn(rate=1, cpu_ms=2.5)] * 3)
NEAR = "8 ms and at most 1 more at the median, 15 at p99"
COMPARED = Comparison(
    work="ListMetrics over REST",
    about="Bodies have 7 bytes.",
    unit="call",
    load="16 on 16 connections",
    floor=FLOOR,
    others=[GATEWAY, RIVAL],
    goals=[ShareOfFloor(least=0.4), NearBase(base=8, p50_over=1, p99_over=15)],
)


@dataclass(slots=True)
class FakeSide:
    """Works at rates given."""

    name: str
    rates: Iterator[float]
    diary: list[str]
    is_warm: bool = field(default=False, init=False)

    async def warm_up(self) -> None:
        self.is_warm = True

    async def turn(self) -> Turn:
        assert self.is_warm
        self.diary.append(self.name)
        return Turn(rate=next(self.rates), cpu_ms=1)

    def memory(self) -> Memory:
        return Memory(peak_mib=1, growth_mib=0)


async def test_sides_take_turns_and_every_second_round_in_the_other_order() -> None:
    diary: list[str] = []
    sides = [FakeSide("floor", iter([4, 8, 2]), diary), FakeSide("gateway", iter([1, 4, 2]), diary)]

    floor, gateway = await alternate(sides, 3, say=lambda _: None)

    assert ["floor", "gateway", "gateway", "floor", "floor", "gateway"] == diary
    assert Spread(median=0.5, least=0.25, most=1.0) == gateway.ratio_to(floor)


def test_a_ratio_is_the_median_of_those_of_each_round() -> None:
    assert Spread(median=0.5, least=0.3, most=0.6) == GATEWAY.ratio_to(FLOOR)
    assert 600 == GATEWAY.middle().rate


def test_the_tables_have_a_line_for_each_goal_and_each_side() -> None:
    lines = to_tables([COMPARED]).splitlines()

    assert lines[:4] == [
        "| work | must reach | found | met |",
        "| --- | --- | --- | --- |",
        "| ListMetrics over REST | at least 0.4 of the floor's rate | 0.50 | yes |",
        f"| ListMetrics over REST | {NEAR} | +2.0, +12.0 ms (the floor: +2.0, +12.0 ms) | **no** |",
    ]
    assert lines[5].count("|") == lines[6].count("|")
    assert lines[7:10] == [
        "| ListMetrics over REST | 16 on 16 connections | floor | 2,000 calls | 10.0, 20.0 ms | 250 µs |  | 1 |",
        "|  |  | gateway | 600 calls | 10.0, 20.0 ms | 250 µs | 93 MiB (+1.2) | **0.50** (0.30 to 0.60) |",
        "|  |  | another | 1 calls |  | 2.5 ms |  | **0.00** (0.00 to 0.00) |",
    ]


@pytest.mark.parametrize(("over", "is_met"), [((2.0, 12.0), True), ((1.9, 12.0), False), ((2.0, 11.9), False)])
def test_a_time_is_judged_by_its_median_and_by_its_tail(over: tuple[float, float], is_met: bool) -> None:  # noqa: FBT001 - a case
    goal = NearBase(base=8, p50_over=over[0], p99_over=over[1])

    assert is_met == goal.judge(FLOOR, GATEWAY).is_met
    assert not goal.judge(FLOOR, RIVAL).is_met


def test_growth_is_judged_only_where_it_is_known() -> None:
    assert LessGrowth(mib=1.3).judge(FLOOR, GATEWAY).is_met
    assert not LessGrowth(mib=1.2).judge(FLOOR, GATEWAY).is_met
    assert not LessGrowth(mib=1.3).judge(FLOOR, RIVAL).is_met


def test_programs_get_every_turn_the_ratios_and_the_goals() -> None:
    told = json.loads(to_json(MACHINE, [COMPARED]))
    (comparison,) = told["comparisons"]

    assert "Difference Engine" == told["machine"]["cpu"]
    assert [1000, 2000, 4000] == [turn["rate"] for turn in comparison["floor"]["turns"]]
    assert {"median": 0.5, "least": 0.3, "most": 0.6} == comparison["ratios"]["gateway"]
    assert [True, False] == [goal["is_met"] for goal in comparison["goals"]]


def test_a_machine_is_told_in_a_sentence_and_whether_others_use_it() -> None:
    assert MACHINE.sentence == (
        "2026-03-18, 4 cores of Difference Engine, 15.5 GiB, Linux 6.12, Python 3.13.1, "
        "analytics-gateway 0.1.0, grpcio 1.85.0."
    )
    assert replace(MACHINE, load_average=2.5).sentence.endswith("**Others used the machine: load average 2.5.**")


def test_what_is_missed_and_where_others_are_better_is_confessed() -> None:
    better = Result(name="rival", turns=[Turn(rate=700, cpu_ms=0.1, p50_ms=2.0, p99_ms=3.0)] * 3)

    missed, beaten = confessions([replace(COMPARED, others=[GATEWAY, RIVAL, better])])
    found = "+2.0, +12.0 ms (the floor: +2.0, +12.0 ms)"
    assert missed == f"**ListMetrics over REST**: {found}, where it must reach {NEAR}. Not met."
    assert beaten.startswith("ListMetrics over REST: rival does better: 700 per second beside 600; ")
    assert beaten.endswith("; 2.0, 3.0 ms beside 10.0, 20.0 ms; 100 µs of CPU beside 250 µs.")


def test_a_tail_behind_the_floors_is_confessed() -> None:
    slow = Result(name="gateway", turns=[Turn(rate=2000, cpu_ms=0.1, p50_ms=10.0, p99_ms=60.0)] * 3)

    assert ["ListMetrics over REST: p99 is 60.0 ms, the floor's 20.0 ms."] == list(
        confessions([replace(COMPARED, others=[slow], goals=[])])
    )


def test_the_page_tells_how_it_was_made_and_keeps_to_its_width() -> None:
    page = to_page(MACHINE, "python -m benchmarks", "3 rounds.", [COMPARED])

    assert "- **ListMetrics over REST**: Bodies have 7 bytes." in page.splitlines()
    assert "    python -m benchmarks\n\n3 rounds.\n" in page
    assert to_tables([COMPARED]) in page
    assert all(len(line) <= 120 for line in page.splitlines() if not line.startswith("|"))


def test_this_machine_can_be_described() -> None:
    assert machine().cores >= 1
    assert machine().memory_gib > 0
    assert "aiohttp" in machine().versions
