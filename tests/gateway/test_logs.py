"""What a log line looks like, and what never stands in one."""

import errno
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from gateway.logs import configure_logs


class Terminal(io.StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


class FullDisk(io.StringIO):
    """Takes nothing any more."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logging is the process's own; other tests get it back as it was."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def fail(password: str) -> None:
    """Has a secret among its variables."""
    assert password
    raise ValueError("no good")


def test_a_line_is_a_json_object_with_event_level_and_time_in_utc() -> None:
    stream = io.StringIO()
    configure_logs(stream).info("ready", rest_address="127.0.0.1:8080")

    entry = json.loads(stream.getvalue())
    assert ("ready", "info", "127.0.0.1:8080") == (entry["event"], entry["level"], entry["rest_address"])
    assert entry["timestamp"].endswith("Z")
    assert ["timestamp", "level", "event", "rest_address"] == list(entry)


def test_somebody_who_watches_reads_text() -> None:
    stream = Terminal()
    configure_logs(stream).info("ready")

    assert "ready" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_a_traceback_shows_the_place_and_no_variables(kind: type[io.StringIO]) -> None:
    stream = kind()
    log = configure_logs(stream)
    try:
        fail("hunter" + str(2))
    except ValueError as error:
        log.error("fault", exc_info=error)  # noqa: TRY400 - as the pipeline logs

    assert "no good" in stream.getvalue()
    assert "in fail" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


def test_what_libraries_log_has_the_same_form() -> None:
    stream = io.StringIO()
    configure_logs(stream)

    logging.getLogger("aiohttp.server").warning("a %s", "thing")
    logging.getLogger("aiohttp.server").info("not worth a line")

    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert ("a thing", "warning", "aiohttp.server") == (entry["event"], entry["level"], entry["logger"])


def test_every_line_ends_before_the_next_begins() -> None:
    stream = io.StringIO()
    log = configure_logs(stream)
    log.info("one")
    log.info("two\nlines")

    assert ["one", "two\nlines"] == [json.loads(line)["event"] for line in stream.getvalue().splitlines()]


def test_a_line_that_cannot_be_written_fails_nobodys_call() -> None:
    configure_logs(FullDisk()).info("one")
