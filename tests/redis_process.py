"""A Redis server of a test's own, which can be killed, stopped and started again."""

import asyncio
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


class RedisEndedError(Exception):
    """The server has ended before it accepted connections."""


class RedisProcess:
    """Listens on a socket in a folder: nobody else can take its address while it is down."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._process: asyncio.subprocess.Process | None = None
        self.url = f"unix://{self._socket}"

    async def start(self, *options: str) -> None:
        """Return once it accepts connections."""
        program = shutil.which("redis-server")
        assert program, "These tests need a Redis server: apt-get install redis-server"
        where = ("--port", "0", "--unixsocket", str(self._socket), "--bind", "127.0.0.1")
        self._process = await asyncio.create_subprocess_exec(
            program,
            *(*where, "--save", "", "--appendonly", "no", *options),
            stdout=asyncio.subprocess.PIPE,
            cwd=self._socket.parent,
        )
        assert self._process.stdout is not None
        said = b""
        while b"ready to accept connections" not in said.lower():
            said = await self._process.stdout.readline()
            if not said:
                raise RedisEndedError

    async def kill(self) -> None:
        """As a machine that is switched off."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()

    def hang(self) -> None:
        """Keep its connections and answer nothing, until it goes on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def running_redis() -> AsyncIterator[RedisProcess]:
    """A server that accepts connections. A folder of its own: the path of a socket has 107 bytes at most."""
    with tempfile.TemporaryDirectory() as folder:
        process = RedisProcess(Path(folder))
        try:
            await process.start()
            yield process
        finally:
            await process.kill()
