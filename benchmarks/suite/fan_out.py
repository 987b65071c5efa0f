"""`ListMetrics` over REST of three slow upstreams, beside a bare handler that gathers the same.

Many are in flight at a time, and then fewer: many show what becomes of calls when a core is busy, fewer what a call
takes.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from benchmarks.goals import NearBase
from benchmarks.product import Gateway, Tables
from benchmarks.recorder import Recorder
from benchmarks.report import Comparison
from benchmarks.stage import Rehearsal, Stage, as_argument
from benchmarks.suite import list_metrics
from benchmarks.suite.asking import Asking, Rehearsals, rehearse
from benchmarks.suite.benchmark import Benchmark
from benchmarks.suite.comparing import compare
from benchmarks.suite.list_metrics import Auditor, Question

DELAYS: Mapping[str, float] = {"fast": 0.1, "middle": 0.2, "slow": 0.3}
"""Seconds after which each source answers."""
_SLOWEST = max(DELAYS.values())
CALLERS = 200
FEWER = 40
"""Of the callers: so few that calls seldom wait for each other."""

_EVENTS = 200
"""In the simulated year: answers are small."""
_LENGTHS = 20
"""Days of a window, from one on."""


def portals(tables: Tables) -> Tables:
    """Three portals of Fluid Topics: only there two hundred callers can have a question each."""
    return dict.fromkeys(DELAYS, tables["docs"])


def questions(stage: Stage) -> list[Question]:
    """One for each caller: windows of one to twenty days, which ended one to ten days ago."""
    return [
        list_metrics.question(
            stage.today - timedelta(days=1 + number // _LENGTHS), days=1 + number % _LENGTHS, fresh=True
        )
        for number in range(CALLERS)
    ]


async def measure(stage: Stage) -> Sequence[Comparison]:
    """Measure it."""

    async def play(gateway: Gateway, recorder: Recorder) -> Rehearsals:
        return await rehearse(questions(stage), gateway, recorder)

    recorded = await stage.rehearsed(Rehearsal(name="fan-out", events=_EVENTS, play=play, arranged=portals))
    async with stage.upstreams(recorded, DELAYS) as origins, stage.gateway(recorded, origins) as gateway:
        arguments = (str(recorded.file), as_argument(origins))
        await recorded.seen.check(gateway)
        async with stage.floor("gathering", *arguments) as floor, stage.rival("aggregator", *arguments) as rival:

            async def compared(callers: int) -> Comparison:
                asking = Asking(stage=stage, rehearsals=recorded.seen.of(callers), spread=_SLOWEST)
                auditor = Auditor(gateway=gateway, origins=origins, is_kept=False)
                return await compare(
                    stage,
                    await asking.side(
                        "floor: an aiohttp handler gathers the same, decodes, dumps", floor.origin, floor.process
                    ),
                    await asking.side("gateway", gateway.rest, gateway.process, audit=auditor.of("rest")),
                    await asking.side("FastAPI and httpx, by hand: gathers the same", rival.origin, rival.process),
                    work=f"ListMetrics over REST, asked anew, upstreams of 100, 200 and 300 ms, {callers} in flight",
                    about=(
                        f"{callers} callers, each with a window of its own and with `freshness=FRESH`, begin evenly "
                        "within the first 300 ms and call again at once; what they ask of whom is checked as above. "
                        f"Bodies have {asking.body_bytes:,} bytes on average."
                    ),
                    goals=[NearBase(base=_SLOWEST * 1000, p50_over=5, p99_over=15)],
                )

            return [await compared(callers) for callers in (CALLERS, FEWER)]


BENCHMARK = Benchmark(name="fan-out", measure=measure)
