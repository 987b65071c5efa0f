"""What the commands that serve run on."""

import asyncio

import uvloop

from gateway.cli.exits import SUCCESS
from gateway.cli.run import _exit_code


def test_a_command_runs_on_uvloop() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def look() -> None:
        loops.append(asyncio.get_running_loop())

    assert SUCCESS == _exit_code(look())
    assert [uvloop.Loop] == [type(loop) for loop in loops]
