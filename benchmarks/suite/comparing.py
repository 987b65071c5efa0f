"""Servers under the same load."""

from benchmarks.report import Comparison
from benchmarks.rounds import alternate
from benchmarks.stage import Stage
from benchmarks.under_load import UnderLoad


async def compare(stage: Stage, work: str, floor: UnderLoad, *others: UnderLoad) -> Comparison:
    """Let them take turns."""
    results = await alternate([floor, *others], stage.pace.rounds, stage.say)
    connections = floor.target.connections
    return Comparison(
        work=work,
        unit="call",
        load=f"{floor.target.in_flight} on {connections} connection{'s' if connections > 1 else ''}",
        floor=results[0],
        others=results[1:],
    )
