"""Rounds become ratios, and ratios a table."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from benchmarks.machine import Machine, machine
from benchmarks.report import Comparison, to_json, to_markdown
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


COMPARED = Comparison(
    work="ListMetrics over REST",
    unit="call",
    load="16 on 16 connections",
    floor=Result(name="floor", turns=turns(1000, 2000, 4000)),
    others=[
        Result(name="gateway", turns=turns(500, 600, 2400), memory=Memory(peak_mib=93.4, growth_mib=1.2)),
        Result(name="another", turns=[Turn(rate=1, cpu_ms=2.5)] * 3),
    ],
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
    gateway = COMPARED.others[0]

    assert Spread(median=0.5, least=0.3, most=0.6) == gateway.ratio_to(COMPARED.floor)
    assert 600 == gateway.middle().rate


def test_the_table_has_a_line_for_each_side() -> None:
    lines = to_markdown(MACHINE, [COMPARED]).splitlines()

    assert lines[0] == (
        "2026-03-18, 4 cores of Difference Engine, 15.5 GiB, Linux 6.12, Python 3.13.1, "
        "analytics-gateway 0.1.0, grpcio 1.85.0."
    )
    assert lines[2].count("|") == lines[3].count("|")
    assert lines[4:7] == [
        "| ListMetrics over REST | 16 on 16 connections | floor | 2,000 calls | 10.0, 20.0 ms | 250 µs |  | 1 |",
        "|  |  | gateway | 600 calls | 10.0, 20.0 ms | 250 µs | 93 MiB (+1.2) | **0.50** (0.30 to 0.60) |",
        "|  |  | another | 1 calls |  | 2.5 ms |  | **0.00** (0.00 to 0.00) |",
    ]


def test_programs_get_every_turn_and_the_ratios() -> None:
    told = json.loads(to_json(MACHINE, [COMPARED]))
    (comparison,) = told["comparisons"]

    assert "Difference Engine" == told["machine"]["cpu"]
    assert [1000, 2000, 4000] == [turn["rate"] for turn in comparison["floor"]["turns"]]
    assert {"median": 0.5, "least": 0.3, "most": 0.6} == comparison["ratios"]["gateway"]


def test_a_machine_that_others_use_is_told() -> None:
    busy = replace(MACHINE, load_average=2.5)

    assert "Others used the machine: load average 2.5" in to_markdown(busy, [])
    assert "Others" not in to_markdown(MACHINE, [])


def test_this_machine_can_be_described() -> None:
    assert machine().cores >= 1
    assert machine().memory_gib > 0
