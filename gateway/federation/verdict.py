"""Whether a call succeeds, by what became of its sources."""

from collections.abc import Iterable, Sequence
from itertools import islice

from adapters.errors import BeyondHorizonError, QuestionNotSupportedError
from gateway.federation.asks import Plan
from gateway.pipeline.details import reason_of
from gateway.pipeline.errors import (
    QuestionOutOfRangeError,
    RequiredSourceFailedError,
    SourcesFailedError,
    SourcesTimedOutError,
)
from unified.analytics.v1.outcome_pb2 import SourceOutcome

_WHOLE = frozenset({SourceOutcome.STATE_ANSWERED, SourceOutcome.STATE_STALE})
_SOME = _WHOLE | {SourceOutcome.STATE_PARTIAL}

_MOST_WHYS = 3

_LASTING = frozenset({BeyondHorizonError.reason, QuestionNotSupportedError.reason})
"""Reasons that lie in the question, and that no waiting cures."""


def judge(plan: Plan, outcomes: Sequence[SourceOutcome]) -> None:
    """Pass if one source answered and every required one answered each part that it was asked for.

    A partial answer is one, except where the plan wants everything whole. A plan that asks nobody passes. There may be
    fewer outcomes than questions: those of a walk come one by one.

    Raises:
        SourcesTimedOutError: all ran out of time.
        QuestionOutOfRangeError: all that decide failed for a reason that lies in the question.
        SourcesFailedError: none answered.
        RequiredSourceFailedError: some did, or still may, but not every required one.
    """
    good = _WHOLE if plan.whole else _SOME
    bad = [outcome for outcome in outcomes if outcome.state not in good]
    if not bad:
        return
    fatal = [outcome for outcome in bad if plan.whole or outcome.source in plan.required]
    none_answered = len(bad) == len({(ask.source.id, ask.part) for ask in plan.asks})
    deciding = fatal or (bad if none_answered else [])
    if not deciding:
        return
    if all(outcome.state == SourceOutcome.STATE_TIMED_OUT for outcome in outcomes):
        raise SourcesTimedOutError("no source answered in time; allow the call more", outcomes)
    if all(reason_of(outcome.status) in _LASTING for outcome in deciding):
        raise QuestionOutOfRangeError(f"this question cannot be answered; {_whys(deciding)}", outcomes)
    if none_answered:
        raise SourcesFailedError(f"no source answered; {_whys(deciding)}", outcomes)
    raise RequiredSourceFailedError(f"a required source did not answer; {_whys(fatal)}", outcomes)


def _whys(outcomes: Iterable[SourceOutcome]) -> str:
    """Why, source by source, for the first few; the outcomes say it of all."""
    whys = dict.fromkeys(f"{outcome.source}: {outcome.status.message}" for outcome in outcomes)
    return " ".join(islice(whys, _MOST_WHYS))
