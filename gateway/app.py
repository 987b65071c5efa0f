"""The composition root: what is made of what, and in which order. It is all taken down in reverse."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from structlog.typing import FilteringBoundLogger

from adapters.clock import Clock, SystemClock
from adapters.outside import Outside
from gateway.collecting import leave_alone_what_stays
from gateway.contract import PACKAGE, load_contract
from gateway.federation import Federation, OpenSource
from gateway.listening import Addresses, listening
from gateway.pipeline import DeadlinePolicy, Pipeline, Telemetry
from gateway.rest import build_app, build_http_server
from gateway.rpc import Health, build_server
from gateway.services import AnalyticsService, SourceService
from gateway.settings.configuration import ConfiguredSource, Settings
from gateway.settings.server import ServerSettings
from gateway.shared import open_shared


@asynccontextmanager
async def gateway(settings: Settings, log: FilteringBoundLogger, clock: Clock) -> AsyncIterator[Addresses]:
    """The whole gateway, listening. At the end no more calls are taken, and those under way have `server.grace`.

    `clock` decides what today is, and times calls.

    Raises:
        CannotListenError: a front has no place to listen.
    """
    server = settings.server
    contract = load_contract()
    telemetry = Telemetry(log, clock)
    health = Health(contract.services)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(telemetry.watching())
        shared = await stack.enter_async_context(open_shared(settings.cache, clock=clock, meter=telemetry.federation))
        outside = Outside(
            clock=clock,
            random=random.SystemRandom(),
            meter=telemetry.sources,
            limits=None if shared is None else shared.limits,
        )
        federation = Federation(
            {source.id: await open_source(source, outside, stack) for source in settings.sources},
            clock,
            memory_bytes=settings.cache.max_bytes,
            shared=None if shared is None else shared.cache,
            meter=telemetry.federation,
        )
        stack.push_async_callback(federation.close)
        pipeline = Pipeline(
            contract,
            _services(federation),
            clock=clock,
            deadlines=_deadlines(server),
            telemetry=telemetry,
            max_calls=server.max_calls,
        )
        rpc = build_server(contract, pipeline, health, server)
        app = build_app(contract=contract, pipeline=pipeline, ready=lambda: health.serving, registry=telemetry.registry)
        rest = build_http_server(app, max_connection_age=server.max_connection_age)
        addresses = await stack.enter_async_context(listening(rpc, rest, pipeline, server))
        stack.callback(health.stop_serving)
        yield addresses


async def serve(
    settings: Settings, log: FilteringBoundLogger, announce: Callable[[Addresses], None] = lambda _: None
) -> None:
    """Run the gateway until SIGTERM or SIGINT, and then let it finish. A second signal ends the process at once.

    `announce` is called once both fronts listen.

    Raises:
        CannotListenError: a front has no place to listen.
    """
    stopping = stop_signal()
    async with gateway(settings, log, SystemClock()) as addresses:
        leave_alone_what_stays()
        log.info("ready", grpc_address=str(addresses.grpc), rest_address=str(addresses.rest))
        announce(addresses)
        await stopping.wait()
        log.info("stopping", grace_seconds=settings.server.grace)
    log.info("stopped")


async def open_source(source: ConfiguredSource, outside: Outside, stack: AsyncExitStack) -> OpenSource:
    """Open a source as it is configured; the stack closes it. Sends nothing yet."""
    return OpenSource(
        id=source.id,
        kind=source.adapter.kind,
        display_name=source.adapter.display_name,
        source=await stack.enter_async_context(source.adapter.open(source.id, source.settings, outside)),
        settings=source.settings,
    )


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets. A second signal ends the process at once."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        if stopping.is_set():
            # Whoever asks twice does not want to wait for anything, a graceful end least of all.
            os._exit(128 + number)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    return stopping


def _services(federation: Federation) -> Mapping[str, object]:
    return {
        f"{PACKAGE}.AnalyticsService": AnalyticsService(federation),
        f"{PACKAGE}.SourceService": SourceService(federation),
    }


def _deadlines(server: ServerSettings) -> DeadlinePolicy:
    return DeadlinePolicy(
        default=server.default_timeout, longest=server.longest_timeout, longest_stream=server.longest_stream
    )
