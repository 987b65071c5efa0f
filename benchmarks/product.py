"""The gateway as a process, with its own configuration, all features on."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import grpc
from yarl import URL

from benchmarks.ledger import check, read_ledger
from benchmarks.problems import BenchmarkError
from benchmarks.processes import PYTHON, START_SECONDS, Process, running

_ANY = ("127.0.0.1:0", "127.0.0.1:0")
"""Addresses with free ports, for gRPC and REST."""
_LOOK_AGAIN_SECONDS = 0.02
_CALL_SECONDS = 30.0

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fronts:
    """Where a gateway listens."""

    grpc: str
    """`HOST:PORT`"""
    rest: str
    """`http://HOST:PORT`"""

    async def over_grpc(self, method: str, message: bytes) -> bytes:
        """The answer to a unary call, neither of them touched."""
        async with grpc.aio.insecure_channel(self.grpc) as channel:
            call = channel.unary_unary(method, _untouched, _untouched)
            return await call(message, timeout=_CALL_SECONDS)

    async def over_rest(self, path: str) -> bytes:
        """The body of the answer to a GET.

        Raises:
            BenchmarkError: the status is not 200.
        """
        timeout = aiohttp.ClientTimeout(total=_CALL_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(self.rest + path) as response:
            body = await response.read()
        if response.status != HTTPStatus.OK:
            raise BenchmarkError(f"GET {path} was answered {response.status}: {body[:300]!r}")
        return body

    @asynccontextmanager
    async def counting(self, expected: Mapping[str, int]) -> AsyncIterator[None]:
        """Check that meanwhile so many calls and outcomes were counted, and no others.

        Raises:
            BenchmarkError: it counted something else.
        """
        before = await self._ledger()
        yield
        check(before, await self._ledger(), expected)

    async def _ledger(self) -> Counter[str]:
        return read_ledger((await self.over_rest("/metrics")).decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway(Fronts):
    """One that runs as a process."""

    process: Process


@asynccontextmanager
async def serving(folder: Path, tables: Tables, origins: Mapping[str, str], more: str = "") -> AsyncIterator[Gateway]:
    """A gateway over the sources of the tables, each asked at its origin (`http://HOST:PORT`) instead of its own.

    `more` is TOML that its configuration holds besides, such as another table.
    """
    config = _configured(folder, tables, origins, more)
    async with _started(folder, "gateway", config, *_ANY) as gateway:
        yield gateway


@asynccontextmanager
async def replicas(
    folder: Path, tables: Tables, origins: Mapping[str, str], count: int
) -> AsyncIterator[Sequence[Gateway]]:
    """So many gateways over the same sources, all on the same two ports: the system spreads connections over them."""
    config = _configured(folder, tables, origins, "[server]\nreuse_port = true")
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(_started(folder, "replica 1", config, *_ANY))
        addresses = (first.grpc, first.rest.removeprefix("http://"))
        others = [
            await stack.enter_async_context(_started(folder, f"replica {number}", config, *addresses))
            for number in range(2, count + 1)
        ]
        yield [first, *others]


def _configured(folder: Path, tables: Tables, origins: Mapping[str, str], more: str) -> Path:
    """The configuration, in a file."""
    config = folder / "gateway.toml"
    text = to_toml({source: moved(table, origins[source]) for source, table in tables.items()})
    config.write_text(f"{text}\n{more}\n", "utf-8")
    return config


@asynccontextmanager
async def _started(
    folder: Path, name: str, config: Path, grpc_address: str, rest_address: str
) -> AsyncIterator[Gateway]:
    (folder / f"{name.replace(' ', '-')}.log").unlink(missing_ok=True)
    addresses = ("--grpc-address", grpc_address, "--rest-address", rest_address)
    async with running(folder, name, *PYTHON, "gateway", "serve", "--config", str(config), *addresses) as process:
        ready = await _ready(process)
        yield Gateway(process=process, grpc=ready["grpc_address"], rest=f"http://{ready['rest_address']}")


def moved(table: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """The table with the path of its `base_url` at another origin."""
    return {**table, "base_url": origin + URL(table["base_url"]).raw_path.rstrip("/")}


def to_toml(tables: Tables) -> str:
    """Tables `[sources.<id>]`, written as TOML."""
    lines = [
        line
        for source, table in tables.items()
        for line in (f"[sources.{source}]", *(f"{key} = {_literal(value)}" for key, value in table.items()), "")
    ]
    return "\n".join(lines)


def _literal(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_literal(member)}" for key, member in value.items()) + " }"
    # Of JSON's literals those of texts, numbers, truths and lists of them mean the same in TOML.
    return json.dumps(value)


def _untouched(message: bytes) -> bytes:
    return message


async def _ready(process: Process) -> Any:  # noqa: ANN401 - JSON
    """The log line that tells of the gateway's addresses."""
    async with asyncio.timeout(START_SECONDS):
        while process.inner.returncode is None:
            for line in process.log.read_text("utf-8").splitlines():
                if '"ready"' in line:
                    return json.loads(line)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    raise process.failed("did not start")
