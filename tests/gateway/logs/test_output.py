"""When log lines are written, and what happens when they cannot be."""

import asyncio
import errno
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.logs import configure_logs
from tests.gateway.logs.reading import entries


class FullDisk(io.StringIO):
    """Takes nothing any more."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_line_that_cannot_be_written_fails_nobodys_call() -> None:
    configure_logs(FullDisk()).info("one")


def test_a_line_is_in_the_file_at_once(file: io.TextIOWrapper) -> None:
    configure_logs(file).info("one", outcomes={"crm/metrics": "answered"}, age_s=3)
    logging.getLogger("aiohttp.server").warning("two")

    one, two = entries(file)
    assert ("one", {"crm/metrics": "answered"}, 3) == (one["event"], one["outcomes"], one["age_s"])
    assert ("two", "aiohttp.server") == (two["event"], two["logger"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_disk_that_is_full_fails_nobodys_call() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as stream:
        configure_logs(stream).info("one")
        logging.getLogger("aiohttp.server").warning("two")


@pytest.fixture
def disk(file: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the file's disk have room for so many bytes."""
    room, write = [0], os.write

    def bounded(descriptor: int, data: bytes) -> int:
        if descriptor != file.fileno():
            return write(descriptor, data)
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(descriptor, data[: room[0]])
        room[0] -= written
        return written

    def grow(size: int) -> None:
        room[0] = size

    monkeypatch.setattr("os.write", bounded)
    return grow


def test_a_line_cut_by_a_full_disk_spoils_no_other(file: io.TextIOWrapper, disk: Callable[[int], None]) -> None:
    log = configure_logs(file)
    for event, room in (("whole", 1000), ("cut", 20), ("lost", 0), ("whole again", 1000), ("the next", 1000)):
        disk(room)
        log.info(event)

    whole, cut, *rest = Path(file.name).read_text("utf-8").splitlines()
    assert 20 == len(cut)
    assert ["whole", "whole again", "the next"] == [json.loads(line)["event"] for line in (whole, *rest)]


def test_a_line_lost_whole_leaves_no_gap(file: io.TextIOWrapper, disk: Callable[[int], None]) -> None:
    log = configure_logs(file)
    for event, room in (("one", 1000), ("lost", 0), ("two", 1000)):
        disk(room)
        log.info(event)

    assert ["one", "two"] == [entry["event"] for entry in entries(file)]


async def test_the_lines_of_one_turn_are_written_in_order_when_it_ends(file: io.TextIOWrapper) -> None:
    log = configure_logs(file)
    log.info("one")
    log.info("two")
    before = entries(file)
    await asyncio.sleep(0)

    assert [] == before
    assert ["one", "two"] == [entry["event"] for entry in entries(file)]


async def test_a_line_that_is_no_mere_information_is_written_at_once_behind_those_before(
    file: io.TextIOWrapper,
) -> None:
    log = configure_logs(file)
    log.info("one")
    log.error("two")
    logging.getLogger("aiohttp.server").warning("three")
    log.info("four")
    logging.getLogger("aiohttp.server").warning("five")

    assert ["one", "two", "three", "four", "five"] == [entry["event"] for entry in entries(file)]


async def test_a_line_that_is_hard_to_write_holds_up_none_of_its_turn(file: io.TextIOWrapper) -> None:
    log = configure_logs(file)
    for value in (1, "\ud800", Path("/etc"), 2):
        log.info("odd", value=value)
    await asyncio.sleep(0)

    assert [1, "\ud800", "PosixPath('/etc')", 2] == [entry["value"] for entry in entries(file)]


async def test_a_line_that_cannot_be_written_at_all_takes_no_other_with_it(file: io.TextIOWrapper) -> None:
    class Unspeakable:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    log = configure_logs(file)
    for value in (1, Unspeakable(), 2):
        log.info("odd", value=value)
    log.warning("three")

    assert [("odd", 1), ("odd", "RuntimeError"), ("odd", 2), ("three", None)] == [
        (entry["event"], entry.get("value", entry.get("unwritable"))) for entry in entries(file)
    ]


async def test_no_more_lines_wait_than_a_bound(file: io.TextIOWrapper) -> None:
    log = configure_logs(file)
    for number in range(1000):
        log.info("tick", number=number)

    numbers = [entry["number"] for entry in entries(file)]
    assert numbers == list(range(len(numbers)))
    assert 700 < len(numbers)


def test_the_last_line_before_a_loop_ends_is_written(file: io.TextIOWrapper) -> None:
    async def stop() -> None:
        log.info("stopped")

    log = configure_logs(file)
    with asyncio.Runner() as runner:
        runner.run(stop())

    assert ["stopped"] == [entry["event"] for entry in entries(file)]


async def test_lines_that_come_close_behind_a_write_wait_a_moment_for_others(
    file: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.logs.output._PAUSE", 3600.0)
    log = configure_logs(file)
    log.info("one")
    await asyncio.sleep(0)
    log.info("two")
    await asyncio.sleep(0)
    before = entries(file)
    log.warning("three")

    assert ["one"] == [entry["event"] for entry in before]
    assert ["one", "two", "three"] == [entry["event"] for entry in entries(file)]


async def test_the_moment_ends_by_itself(file: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    written, write = asyncio.Queue[bytes](), os.write

    def told(descriptor: int, data: bytes) -> int:
        if descriptor == file.fileno():
            written.put_nowait(data)
        return write(descriptor, data)

    monkeypatch.setattr("os.write", told)
    log = configure_logs(file)
    for event in ("one", "two"):
        log.info(event)
        assert event == json.loads(await written.get())["event"]


def test_what_waits_when_the_process_ends_is_written() -> None:
    program = """
import asyncio, sys, gateway.logs.output
from gateway.logs import configure_logs

async def main():
    gateway.logs.output._PAUSE = 3600.0
    log = configure_logs(sys.stderr)
    log.info("one")
    await asyncio.sleep(0)
    log.info("two")

asyncio.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert ["one", "two"] == [json.loads(line)["event"] for line in ended.stderr.splitlines()]


def test_what_a_loop_that_ended_left_is_written_by_the_next(
    file: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def log_two_in_two_turns() -> None:
        log.info("one")
        await asyncio.sleep(0)
        log.info("two")

    async def log_another() -> None:
        log.info("three")
        await asyncio.sleep(0)

    monkeypatch.setattr("gateway.logs.output._PAUSE", 3600.0)
    log = configure_logs(file)
    with asyncio.Runner() as runner:
        runner.run(log_two_in_two_turns())
    monkeypatch.setattr("gateway.logs.output._PAUSE", -3600.0)
    with asyncio.Runner() as runner:
        runner.run(log_another())

    assert ["one", "two", "three"] == [entry["event"] for entry in entries(file)]
