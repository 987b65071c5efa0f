"""What the benchmarks of an answer at hand have in common: the question, asked of a gateway that already has it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.product import Gateway
from benchmarks.stage import Rehearsal, Rehearsed, Stage
from benchmarks.suite import list_metrics
from benchmarks.suite.list_metrics import Answers, Auditor, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A gateway that has the answer."""

    gateway: Gateway
    asked: Question
    answers: Answers
    auditor: Auditor


async def rehearsed(stage: Stage) -> tuple[Question, Rehearsed[Answers]]:
    """Everything that there is to count in the thirty days before the run's, as the simulators have it."""
    asked = list_metrics.question(stage.today)
    return asked, await stage.rehearsed(Rehearsal(name="kept", events=list_metrics.EVENTS, play=asked.rehearse))


@asynccontextmanager
async def kept(stage: Stage) -> AsyncIterator[Kept]:
    """Ask once before, and compare the answer with the one of the rehearsal; once more in the end."""
    asked, recorded = await rehearsed(stage)
    async with stage.upstreams(recorded) as origins, stage.gateway(recorded, origins) as gateway:
        answers = await asked.ask(gateway)
        list_metrics.check(answers, recorded.seen)
        yield Kept(gateway=gateway, asked=asked, answers=answers, auditor=_auditor(gateway, origins))
        list_metrics.check(await asked.ask(gateway), recorded.seen)


def _auditor(gateway: Gateway, origins: Mapping[str, str]) -> Auditor:
    return Auditor(gateway=gateway, origins=origins, is_kept=True)
