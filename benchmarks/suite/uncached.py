"""`ListMetrics` over REST that asks three upstreams, beside a bare aiohttp handler that gathers, decodes and dumps.

And beside what one would take instead: FastAPI with httpx, and Envoy's transcoder in front of the same gateway. Each
caller asks three sources of its own, one of each kind, and wants to be told anew: nobody's answer serves another.
"""

from collections.abc import Sequence
from functools import partial

from benchmarks.goals import ShareOfFloor
from benchmarks.product import Gateway, Tables
from benchmarks.recorder import Recorder
from benchmarks.report import Comparison
from benchmarks.rivals.transcoder import transcoding
from benchmarks.stage import Rehearsal, Stage, as_argument
from benchmarks.suite import list_metrics
from benchmarks.suite.asking import Asking, Rehearsals, rehearse
from benchmarks.suite.benchmark import Benchmark
from benchmarks.suite.comparing import ON_UVLOOP, compare
from benchmarks.suite.list_metrics import Auditor, Question

KINDS = ("ai", "crm", "docs")
"""The sandbox's sources."""
_MOST = 64
"""Callers: each adds three sources to the configuration."""


def for_each(callers: int, tables: Tables) -> Tables:
    """Sources of each caller's own, all with the same upstreams behind them."""
    return {own(source, caller): tables[source] for caller in range(callers) for source in KINDS}


def own(source: str, caller: int) -> str:
    """The id of a caller's own source."""
    return f"{source}_{caller}"


def questions(stage: Stage, callers: int) -> list[Question]:
    """One for each caller: all that its sources count."""
    return [
        list_metrics.question(stage.today, sources=[own(source, caller) for source in KINDS], fresh=True)
        for caller in range(callers)
    ]


async def measure(stage: Stage) -> Sequence[Comparison]:
    """Measure it."""
    callers = min(stage.pace.in_flight, _MOST)

    async def play(gateway: Gateway, recorder: Recorder) -> Rehearsals:
        return await rehearse(questions(stage, callers), gateway, recorder)

    recorded = await stage.rehearsed(
        Rehearsal(name="uncached", events=list_metrics.EVENTS, play=play, arranged=partial(for_each, callers))
    )
    async with stage.upstreams(recorded) as origins, stage.gateway(recorded, origins) as gateway:
        arguments = (str(recorded.file), as_argument(origins))
        await recorded.seen.check(gateway)
        async with (
            stage.floor("gathering", *arguments) as floor,
            stage.floor("gathering", *arguments, loop="uvloop") as quicker,
            stage.rival("aggregator", *arguments) as rival,
            transcoding(stage.folder, gateway.grpc) as envoy,
        ):
            asking = Asking(stage=stage, rehearsals=recorded.seen)
            auditor = Auditor(gateway=gateway, origins=origins, is_kept=False, callers=callers)
            compared = await compare(
                stage,
                await asking.side(
                    "floor: an aiohttp handler gathers the same, decodes, dumps", floor.origin, floor.process
                ),
                await asking.side("gateway", gateway.rest, gateway.process, audit=auditor.of("rest")),
                await asking.side(ON_UVLOOP, quicker.origin, quicker.process),
                await asking.side("FastAPI and httpx, by hand: gathers the same", rival.origin, rival.process),
                await asking.side(
                    "Envoy transcodes what the gateway says over gRPC",
                    envoy.origin,
                    envoy.process,
                    gateway.process,
                    audit=auditor.of("grpc"),
                ),
                work="ListMetrics over REST, asked anew, three upstreams",
                about=(
                    f"{callers} callers, each with three sources of its own, one of each kind, and with "
                    "`freshness=FRESH`: that every call asks every upstream once is checked at the upstreams, which "
                    f"answer at once. Bodies have {asking.body_bytes:,} bytes on average."
                ),
                goals=[ShareOfFloor(least=0.5)],
            )
        await recorded.seen.check(gateway)
    return [compared]


BENCHMARK = Benchmark(name="uncached", measure=measure)
