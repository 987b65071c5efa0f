"""Servers under the same load."""

from collections.abc import Sequence

from benchmarks.goals import Goal
from benchmarks.load import Target
from benchmarks.report import Comparison
from benchmarks.rounds import alternate
from benchmarks.stage import Stage
from benchmarks.under_load import UnderLoad

ON_UVLOOP = "the floor on uvloop, as the gateway is"
"""Another side beside the floor, which runs on asyncio's own event loop."""


async def compare(
    stage: Stage,
    *sides: UnderLoad,
    work: str,
    about: str,
    goals: Sequence[Goal] = (),
) -> Comparison:
    """Let them take turns: the floor, the gateway, and what one would take instead."""
    results = await alternate(sides, stage.pace.rounds, stage.say)
    target = sides[0].target
    return Comparison(
        work=work,
        about=about,
        unit="call",
        load=f"{target.in_flight} on {target.connections} connection{'s' if target.connections > 1 else ''}",
        floor=results[0],
        others=results[1:],
        goals=goals,
    )


def over_http1(url: str, in_flight: int) -> Target:
    """The same GET again and again, each on a connection of its own."""
    return Target(url=url, connections=in_flight, is_http1=True)
