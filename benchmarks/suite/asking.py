"""What the benchmarks of answers that are not at hand have in common: a question for each caller, and the sides."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.calling import Callers
from benchmarks.processes import Process
from benchmarks.product import Fronts
from benchmarks.recorder import Recorder
from benchmarks.stage import Stage
from benchmarks.suite import list_metrics
from benchmarks.suite.list_metrics import Answers, Question
from benchmarks.under_load import Audit, UnderLoad, bodies_of, unaudited


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsals:
    """Questions, and what was answered to each in the rehearsal."""

    questions: Sequence[Question]
    answers: Sequence[Answers]

    def of(self, callers: int) -> "Rehearsals":
        """Those of the first of the callers."""
        return Rehearsals(questions=self.questions[:callers], answers=self.answers[:callers])

    async def check(self, gateway: Fronts) -> None:
        """Put the first and the last to a gateway again.

        Raises:
            BenchmarkError: it answers something else.
        """
        for place in (0, -1):
            list_metrics.check(await self.questions[place].ask(gateway), self.answers[place])


async def rehearse(questions: Sequence[Question], gateway: Fronts, recorder: Recorder) -> Rehearsals:
    """Put them, one after the other."""
    return Rehearsals(questions=questions, answers=[await each.rehearse(gateway, recorder) for each in questions])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The callers, whoever is asked."""

    stage: Stage
    rehearsals: Rehearsals
    spread: float = 0.0
    """Seconds over which they begin, evenly."""

    @property
    def body_bytes(self) -> int:
        """Of the gateway's answers, on average."""
        return sum(len(answer.rest) for answer in self.rehearsals.answers) // len(self.rehearsals.answers)

    async def side(self, name: str, origin: str, *processes: Process, audit: Audit = unaudited) -> UnderLoad:
        """Processes that answer at an origin, the length of whose answers is learned from one to each question."""
        paths = [question.path for question in self.rehearsals.questions]
        return UnderLoad(
            name=name,
            target=Callers(origin=origin, paths=paths, spread=self.spread),
            processes=processes,
            stage=self.stage,
            body_bytes=list_metrics.about(*map(len, await bodies_of(origin, paths))),
            audit=audit,
        )
