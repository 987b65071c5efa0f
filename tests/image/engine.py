"""podman, or docker, as these tests use it."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.gateway.cli.processes import Ended, next_event

HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
HOST_NETWORK = ("--network", "host")
"""Ports are as on the machine itself; the gateway takes free ones and tells which."""
NO_NETWORK = ("--network", "none")
"""A loopback of its own, where the usual ports are always free."""

Json = Mapping[str, Any]
Process = asyncio.subprocess.Process


class EngineError(Exception):
    """The engine refused a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container that runs, and the process through which it speaks to us."""

    engine: "Engine"
    name: str
    process: Process

    async def event(self, name: str) -> Json:
        """The next line of its log with this event."""
        assert self.process.stderr is not None
        return await next_event(self.process.stderr, name)

    async def execute(self, *command: str) -> Ended:
        """Run a command in it."""
        return await self.engine.run("exec", self.name, *command)

    async def ended(self) -> Ended:
        """Wait until it ends."""
        out, err = await self.process.communicate()
        return Ended(code=self.process.returncode or 0, out=out.decode(), err=err.decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Runs containers of one image."""

    command: str
    image: str

    @property
    def is_podman(self) -> bool:
        """Whether it plays the manifests of Kubernetes, and has an option of its own."""
        return Path(self.command).name == "podman"

    async def run(self, *arguments: str) -> Ended:
        """A command of the engine, until it ends."""
        process = await self.start(*arguments)
        out, err = await process.communicate()
        return Ended(code=process.returncode or 0, out=out.decode(), err=err.decode())

    async def start(self, *arguments: str) -> Process:
        """A command of the engine, without the engine's own remarks."""
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            self.command, "--log-level", "fatal", *arguments, stdout=pipe, stderr=pipe
        )

    async def inspect(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Something of the image's own configuration.

        Raises:
            EngineError: there is no such image.
        """
        return json.loads(await self.told("image", "inspect", "--format", f"{{{{json {path}}}}}", self.image))

    async def told(self, *arguments: str) -> str:
        """What a command says that cannot fail.

        Raises:
            EngineError: it failed.
        """
        ended = await self.run(*arguments)
        if ended.code != 0:
            raise EngineError(ended.err)
        return ended.out

    @asynccontextmanager
    async def container(self, options: tuple[str, ...], *arguments: str) -> AsyncIterator[Container]:
        """A hardened container of the image, removed in the end."""
        name = f"analytics-gateway-{uuid4().hex}"
        # Unlike docker, podman would give a read-only container places to write to.
        strict = ("--read-only-tmpfs=false",) if self.is_podman else ()
        process = await self.start("run", "--name", name, *HARDENED, *strict, *options, self.image, *arguments)
        try:
            yield Container(engine=self, name=name, process=process)
        finally:
            await self.run("rm", "--force", name)
            await process.communicate()

    async def once(self, *arguments: str, options: tuple[str, ...] = NO_NETWORK) -> Ended:
        """What a container of the image does that ends by itself."""
        async with self.container(options, *arguments) as container:
            return await container.ended()
