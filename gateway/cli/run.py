"""What the commands that serve do, and the exit codes that they end with."""

import json
import sys
from collections.abc import Coroutine, Mapping
from pathlib import Path

import uvloop

from adapters import UnusableAdapterError
from adapters.clock import SystemClock
from adapters.simulation import World, create_world
from gateway.app import serve, stop_signal
from gateway.cli.commands import EVENTS
from gateway.cli.exits import FAILED, MISCONFIGURED, SUCCESS, complain
from gateway.cli.hints import what_to_try
from gateway.listening import CannotListenError
from gateway.logs import configure_logs
from gateway.sandbox import sandbox
from gateway.settings.configuration import load_settings
from gateway.settings.errors import ConfigurationError


def run_gateway(config: Path | None, *, sandboxed: bool, server: Mapping[str, str]) -> int:
    """Serve until a signal; with `sandboxed`, simulated upstreams. Gives the exit code."""
    return _exit_code(_serve_sandboxed(server) if sandboxed else _serve(config, server))


def run_sandbox(ports: Mapping[str, int], *, events: int, seed: int) -> int:
    """Run the simulated upstreams until a signal, `ports` by kind. Gives the exit code."""
    return _exit_code(_simulate(ports, create_world(seed=seed, clock=SystemClock(), events=events)))


async def _serve(config: Path | None, server: Mapping[str, str]) -> None:
    settings = load_settings(config, server=server)
    await serve(settings, configure_logs(sys.stderr))


async def _serve_sandboxed(server: Mapping[str, str]) -> None:
    async with sandbox(create_world(seed=1, clock=SystemClock(), events=EVENTS), {}) as tables:
        settings = load_settings(None, sources=tables, server=server)
        log = configure_logs(sys.stderr)
        await serve(settings, log, lambda addresses: _say(what_to_try(addresses, tables)))


async def _simulate(ports: Mapping[str, int], world: World) -> None:
    stopping = stop_signal()
    async with sandbox(world, ports) as tables:
        _say(json.dumps({"sources": tables}))
        await stopping.wait()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _exit_code(command: Coroutine[None, None, None]) -> int:
    """Run a command; what an operator can mend is told in one line on standard error."""
    try:
        uvloop.run(command)
    except (ConfigurationError, UnusableAdapterError) as error:
        return complain(error, MISCONFIGURED)
    except CannotListenError as error:
        return complain(error, FAILED)
    return SUCCESS
