"""Whether the configured upstreams can be reached, and what to do if not: asks each once, and serves nothing."""

import asyncio
import random
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import uvloop
from rich.console import Console
from rich.table import Column, Table

from adapters import UnusableAdapterError
from adapters.clock import Clock, SystemClock
from adapters.outside import Outside
from gateway.app import open_source
from gateway.cli.exits import FAILED, MISCONFIGURED, SUCCESS, complain
from gateway.federation import Federation
from gateway.logs import configure_logs
from gateway.pipeline.call import Call
from gateway.rest.codec import JsonEncoder
from gateway.services import SourceService
from gateway.settings.configuration import ConfiguredSource, load_settings
from gateway.settings.errors import ConfigurationError
from unified.analytics.v1.outcome_pb2 import SourceOutcome
from unified.analytics.v1.source_service_pb2 import CheckSourceRequest, CheckSourceResponse

_UNBROKEN = 10_000
"""Columns: where nobody watches, each line is written whole."""


def check_sources(config: Path | None, named: Sequence[str], *, timeout: float, as_json: bool) -> int:
    """Check the sources named, or all, for at most `timeout` seconds, and tell what came of it. Gives the exit code."""
    try:
        sources = _chosen(load_settings(config).sources, named)
    except (ConfigurationError, UnusableAdapterError) as error:
        return complain(error, MISCONFIGURED)
    configure_logs(sys.stderr)
    answers = uvloop.run(_check(sources, timeout))
    if as_json:
        encoder = JsonEncoder()
        sys.stdout.writelines(f"{encoder.encode(answer).decode()}\n" for answer in answers)
    else:
        width = None if sys.stdout.isatty() else _UNBROKEN
        _show(answers, Console(width=width, markup=False, emoji=False, highlight=False))
    return SUCCESS if all(_answered(answer) for answer in answers) else FAILED


def _chosen(sources: Sequence[ConfiguredSource], named: Sequence[str]) -> list[ConfiguredSource]:
    ids = [source.id for source in sources]
    for name in named:
        if name not in ids:
            raise ConfigurationError(f"sources.{name}: is not configured; there are: {', '.join(ids)}")
    return [source for source in sources if source.id in named or not named]


async def _check(sources: Sequence[ConfiguredSource], seconds: float) -> list[CheckSourceResponse]:
    """What came of each, in their order."""
    clock = SystemClock()
    outside = Outside(clock=clock, random=random.SystemRandom())
    async with AsyncExitStack() as stack:
        opened = {source.id: await open_source(source, outside, stack) for source in sources}
        federation = Federation(opened, clock)
        stack.push_async_callback(federation.close)
        service = SourceService(federation)
        checks = (service.check_source(CheckSourceRequest(source=id_), _call(clock, seconds)) for id_ in opened)
        return await asyncio.gather(*checks)


def _call(clock: Clock, seconds: float) -> Call:
    now = clock.monotonic()
    return Call(
        method="CheckSource", transport="cli", request_id=uuid4().hex, clock=clock, started=now, deadline=now + seconds
    )


def _answered(answer: CheckSourceResponse) -> bool:
    return answer.outcome.state == SourceOutcome.STATE_ANSWERED


def _show(answers: Sequence[CheckSourceResponse], console: Console) -> None:
    """A table, and below it what happened to those that did not answer, and what to do."""
    table = Table("source", "state", "seconds", Column("address", overflow="fold"), "credential", "ends", box=None)
    for answer in answers:
        outcome, connection = answer.outcome, answer.connection
        table.add_row(
            outcome.source,
            SourceOutcome.State.Name(outcome.state).removeprefix("STATE_").lower(),
            f"{outcome.latency.ToTimedelta().total_seconds():.3f}",
            connection.address or "not known",
            connection.credential_scheme,
            connection.credential_expire_time.ToJsonString() if connection.HasField("credential_expire_time") else "",
            style="green" if _answered(answer) else "red",
        )
    console.print(table)
    for answer in answers:
        if not _answered(answer):
            console.print(f"\n{answer.outcome.source}: {answer.outcome.status.message}", style="red")
            console.print(answer.advice)
