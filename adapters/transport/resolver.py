"""How the names of upstreams and proxies are looked up."""

import asyncio
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Resolver(AbstractResolver):
    """Asks the system, in a thread of the event loop's executor for each name.

    Not by the event loop's own `getaddrinfo`: uvloop's has two threads (measured), in which names whose servers are
    silent would hold up those of all other upstreams, and the end of the process.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host.

        Raises:
            OSError: it has none, or nobody knows.
        """
        return await asyncio.get_running_loop().run_in_executor(None, _look_up, host, port, family)

    async def close(self) -> None:
        """Nothing is held."""


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
