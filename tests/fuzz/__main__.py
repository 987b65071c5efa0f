"""`make fuzz`: many random requests. Schemathesis prints what it finds, and the seed that finds it again."""

import asyncio
import logging
import sys

import structlog

from tests.fuzz.running import schemathesis, target

MANY = ("--max-examples", "300")
"""Of each operation and phase, unless told otherwise: some minutes."""


async def main(*options: str) -> int:
    """Let Schemathesis call a gateway of its own, with options that are its own, too; its exit code."""
    async with target() as gateway, schemathesis(gateway, *MANY, *options) as process:
        return await process.wait()


if __name__ == "__main__":
    # A line per call would bury what is found; a fault of the gateway is a finding itself.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(asyncio.run(main(*sys.argv[1:])))
