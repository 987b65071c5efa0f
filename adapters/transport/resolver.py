"""How the names of upstreams and proxies are looked up."""

import asyncio
import socket
import threading
from contextlib import suppress
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

THREAD = "look up"
"""What the threads are called."""

_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Resolver(AbstractResolver):
    """Asks the system, in a thread of its own for each name, of which a connector asks for one at a time.

    Not by the event loop's own `getaddrinfo`, nor in its executor: uvloop has two threads for that (measured), and the
    executor a few, in which names whose servers are silent would hold up those of all other upstreams, answers that are
    compressed there, and the end of the process.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host.

        Raises:
            OSError: it has none, or nobody knows.
        """
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[ResolveResult]] = loop.create_future()

        def look_up() -> None:
            try:
                tell = partial(_settle, found, result=_look_up(host, port, family))
            except Exception as error:  # noqa: BLE001 - whatever it is, who waits is told
                tell = partial(_settle, found, error=error)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(tell)

        threading.Thread(target=look_up, name=THREAD, daemon=True).start()
        return await found

    async def close(self) -> None:
        """Nothing is held."""


def _settle(
    found: asyncio.Future[list[ResolveResult]],
    *,
    result: list[ResolveResult] | None = None,
    error: Exception | None = None,
) -> None:
    if found.done():  # nobody waits any more
        return
    if error is not None:
        found.set_exception(error)
    else:
        found.set_result(result or [])


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG)
    except UnicodeError as error:  # a label that is empty or too long, in an address that an upstream has told
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from None
    return [
        ResolveResult(
            hostname=host,
            # With the zone of a link-local address of IPv6, which stands beside it.
            host=socket.getnameinfo(address, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0],
            port=port,
            family=kind,
            proto=proto,
            flags=_NUMERIC,
        )
        for kind, _, proto, _, address in found
    ]
