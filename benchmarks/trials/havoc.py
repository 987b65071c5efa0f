"""Havoc: thousands of calls while each upstream, and Redis, is killed and started again in turn."""

import asyncio
import json
import random as chance
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from benchmarks.problems import BenchmarkError
from benchmarks.rounds import Say
from benchmarks.trials.calls import TRANSPORTS, Client, Ended, client_of
from benchmarks.trials.errands import today, varied
from benchmarks.trials.rig import Rig, Service, rig
from unified.analytics.v1.event_pb2 import Event
from unified.analytics.v1.outcome_pb2 import SourceOutcome

MOST_LATE = 0.1
"""Seconds by which an answer may come behind its call's deadline."""

_EVENTS = 20_000
_DEADLINE = 2.0
_DOWN_SECONDS = 2.0
_UP_SECONDS = 3.0
_QUESTIONS = 400
"""Different ones, so that part of the calls is answered from what is kept, and part is asked."""
_MOST_TOLD = 20
_GOOD = frozenset({SourceOutcome.STATE_ANSWERED, SourceOutcome.STATE_STALE})
_OF_THE_MOMENT = frozenset({"observe_time", "outcomes", "latency", "attempts"})
# What a snapshot says as of now: it may grow meanwhile, the answers about windows that are over may not.
_OF_NOW = ("superoffice.", "zylon.")


@dataclass(slots=True, kw_only=True)
class Wreckage:
    """What came of it."""

    calls: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    """Of the outcomes."""
    killed: Counter[str] = field(default_factory=Counter)
    latest: float = 0.0
    """Seconds by which the latest answer came behind its deadline; negative: before."""
    broken: Counter[str] = field(default_factory=Counter)
    """Promises that were broken, by promise."""
    examples: list[str] = field(default_factory=list)

    def blame(self, promise: str, ended: Ended) -> None:
        """Note a broken promise."""
        self.broken[promise] += 1
        if len(self.examples) < _MOST_TOLD:
            text = f"{promise}: {ended.errand.path} over {ended.transport}: {ended.code} {ended.reason}"
            self.examples.append(f"{text} after {ended.seconds:.3f} s; {_told(ended)}")


class Judge:
    """Knows the right answers, and looks at each one."""

    def __init__(self) -> None:
        """Knows none yet."""
        self._right: dict[str, Mapping[tuple[str, ...], Any]] = {}
        self.wreckage = Wreckage()

    def learn(self, ended: Ended) -> None:
        """An answer in good times.

        Raises:
            BenchmarkError: it is not whole.
        """
        if not ended.is_ok or any(outcome.state != SourceOutcome.STATE_ANSWERED for outcome in ended.outcomes):
            raise BenchmarkError(f"{ended.errand.path} was not answered before anything was killed: {_told(ended)}")
        self._right[ended.errand.path] = facts(ended.response)

    def look_at(self, ended: Ended) -> None:
        """An answer in bad times."""
        wreckage = self.wreckage
        wreckage.calls += 1
        wreckage.codes[ended.code] += 1
        wreckage.states.update(SourceOutcome.State.Name(outcome.state) for outcome in ended.outcomes)
        wreckage.latest = max(wreckage.latest, ended.seconds - _DEADLINE)
        if ended.code == "HUNG":
            wreckage.blame("a call hung", ended)
        elif ended.seconds > _DEADLINE + MOST_LATE:
            wreckage.blame("an answer came too late", ended)
        if not _is_explained(ended):
            wreckage.blame("a failure was not explained", ended)
        if ended.is_ok and not self._is_right(ended):
            wreckage.blame("an answer was wrong", ended)

    def _is_right(self, ended: Ended) -> bool:
        """Whether everything that it tells is as it was; it may tell less, where an outcome says so."""
        right, told = self._right[ended.errand.path], facts(ended.response)
        if any(right.get(key) != value for key, value in told.items()):
            return False
        lacking = {key[0] for key in right.keys() - told.keys()}
        return lacking <= {outcome.source for outcome in ended.outcomes if outcome.state not in _GOOD}


def facts(response: Message) -> Mapping[tuple[str, ...], Any]:
    """What a response says about windows that are over, by source and place in it.

    Not rankings that say of themselves that they are of a part of the events: that they do, an outcome must explain.
    """
    found: dict[tuple[str, ...], Any] = {}
    for descriptor, items in response.ListFields():
        if descriptor.name in _OF_THE_MOMENT or not descriptor.is_repeated or not hasattr(items[0], "source"):
            continue
        for item in items:
            if _is_of_now(item) or getattr(item, "truncated", False):
                continue
            key = (item.source, descriptor.name, *_place(item))
            found[key] = _without_moments(item)
    return found


def _is_of_now(item: Any) -> bool:  # noqa: ANN401 - any item of a response
    return hasattr(item, "value") and item.metric.startswith(_OF_NOW)


def _place(item: Any) -> tuple[str, ...]:  # noqa: ANN401 - any item of a response
    names = ("metric", "ranking", "id", "event_id")
    labels = sorted(getattr(item, "labels", {}).items())
    return (*(str(getattr(item, name)) for name in names if hasattr(item, name)), str(labels))


def _without_moments(item: Message) -> bytes:
    copy = type(item)()
    copy.CopyFrom(item)
    for name in _OF_THE_MOMENT & {descriptor.name for descriptor in item.DESCRIPTOR.fields}:
        copy.ClearField(name)
    if isinstance(copy, Event):
        # Over REST an object, over gRPC the upstream's own text.
        copy.attributes_json = json.dumps(json.loads(copy.attributes_json or "null"), sort_keys=True)
    return copy.SerializeToString(deterministic=True)


def _is_explained(ended: Ended) -> bool:
    """Whether each source that did not answer says why, and a call that failed has a reason."""
    silent = any(
        outcome.state != SourceOutcome.STATE_ANSWERED and not outcome.status.message for outcome in ended.outcomes
    )
    return not silent and (ended.is_ok or bool(ended.reason))


def _told(ended: Ended) -> str:
    return "; ".join(
        f"{outcome.source} {SourceOutcome.State.Name(outcome.state)} {outcome.status.message}"
        for outcome in ended.outcomes
    )


async def run(calls: int, clients: int, folder: Path, say: Say) -> Wreckage:
    """Play it: as many calls as asked for, however long that takes."""
    say("starting the gateway, an upstream of each kind, and Redis")
    async with rig(folder, events=_EVENTS, with_redis=True) as running, client_of(running.gateway) as client:
        random = _chance(4)
        errands = [varied(random, today()) for _ in range(_QUESTIONS)]
        judge = Judge()
        for errand in errands:
            judge.learn(await client.run(errand, "grpc", 10 * _DEADLINE))
        say(f"{len(errands)} questions were answered in good times; now the trouble begins")
        pool = _Pool(client=client, judge=judge, errands=errands, calls=calls)
        trouble = asyncio.create_task(_trouble(running, judge.wreckage, say))
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(clients):
                    group.create_task(pool.work(_chance(number)))
        finally:
            trouble.cancel()
            await asyncio.wait([trouble])
        return judge.wreckage


@dataclass(slots=True, kw_only=True)
class _Pool:
    client: Client
    judge: Judge
    errands: list[Any]
    calls: int
    """Still to be made."""

    async def work(self, random: chance.Random) -> None:
        """One client, one call after the other."""
        while self.calls > 0:
            self.calls -= 1
            transport = random.choice(TRANSPORTS)
            self.judge.look_at(await self.client.run(random.choice(self.errands), transport, _DEADLINE))


async def _trouble(running: Rig, wreckage: Wreckage, say: Say) -> None:
    """Kill and restart one after the other, until somebody stops it."""
    victims: list[Service] = [*running.upstreams.values(), *([running.redis] if running.redis else [])]
    for victim in cycle(victims):
        await asyncio.sleep(_UP_SECONDS)
        await victim.kill()
        wreckage.killed[victim.name] += 1
        say(f"{victim.name} is gone; {wreckage.calls:,} calls so far, {wreckage.broken.total()} broken promises")
        started = time.monotonic()
        await asyncio.sleep(_DOWN_SECONDS)
        await victim.start()
        say(f"{victim.name} is back after {time.monotonic() - started:.1f} s")


def _chance(seed: int) -> chance.Random:
    return chance.Random(seed)  # noqa: S311 - so that a trial can be repeated
