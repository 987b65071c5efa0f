"""A bare grpc.aio handler that returns the bytes of a file. `python -m benchmarks.floors.bare_grpc LOOP METHOD FILE`.

METHOD is the path of the RPC, such as `/package.Service/Method`. Nothing is serialised or deserialised.
"""

import sys
from pathlib import Path

import grpc

from benchmarks.serving import announce, run


async def serve(method: str, message: bytes) -> None:
    """Answer the unary method with the message."""

    async def handler(_request: bytes, _context: object) -> bytes:
        return message

    _, service, name = method.split("/")
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {name: grpc.unary_unary_rpc_method_handler(handler)}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    await announce({"origin": f"http://127.0.0.1:{port}"})
    await server.stop(grace=None)


if __name__ == "__main__":
    run(sys.argv[1], serve(sys.argv[2], Path(sys.argv[3]).read_bytes()))
