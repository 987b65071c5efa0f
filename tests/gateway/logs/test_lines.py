"""What a log line looks like, and what never stands in one."""

import io
import json
import logging
from pathlib import Path

import pytest

from gateway.logs import configure_logs
from tests.gateway.logs.reading import entries


class Terminal(io.StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


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


def test_a_new_second_is_told_in_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text is kept from one line to the next: most are of the same second."""
    stream = io.StringIO()
    log = configure_logs(stream)
    for now in (1_795_354_079_999_999_999, 1_795_354_080_000_000_999, 1_795_354_080_000_001_000):
        monkeypatch.setattr("time.time_ns", lambda now=now: now)
        log.info("tick")

    assert ["2026-11-22T13:27:59.999999Z", "2026-11-22T13:28:00.000000Z", "2026-11-22T13:28:00.000001Z"] == [
        json.loads(line)["timestamp"] for line in stream.getvalue().splitlines()
    ]


@pytest.mark.parametrize(
    "value",
    [pytest.param("\ud800", id="half a character"), pytest.param({1.5: 2}, id="a key that is no text"), 2**70, {1, 2}],
)
def test_whatever_is_logged_is_a_line_of_json(file: io.TextIOWrapper, value: object) -> None:
    configure_logs(file).info("odd", value=value)

    (entry,) = entries(file)
    assert "odd" == entry["event"]
    assert "value" in entry


def test_what_is_no_json_is_told_as_its_repr(file: io.TextIOWrapper) -> None:
    configure_logs(file).info("path", path=Path("/etc"))

    assert ["PosixPath('/etc')"] == [entry["path"] for entry in entries(file)]


@pytest.mark.parametrize("level", ["info", "warning", "error", "critical"])
def test_each_level_is_named(file: io.TextIOWrapper, level: str) -> None:
    log = configure_logs(file)
    log.debug("not worth a line")
    getattr(log, level)("worth it")

    assert [("worth it", level)] == [(entry["event"], entry["level"]) for entry in entries(file)]


def test_a_traceback_is_a_field_of_its_line_in_a_file(file: io.TextIOWrapper) -> None:
    log = configure_logs(file)
    try:
        fail("hunter" + str(2))
    except ValueError as error:
        log.error("fault", exc_info=error)  # noqa: TRY400 - as the pipeline logs

    (entry,) = entries(file)
    assert "in fail" in entry["exception"]
    assert "exc_info" not in entry


def test_fields_that_are_bound_are_in_each_line_and_texts_are_filled_in(file: io.TextIOWrapper) -> None:
    log = configure_logs(file).bind(source="crm")
    log.info("found %d", 3)
    log.info("found", count=3)
    log.warning("found", count=3)

    assert [("found 3", "crm", None), ("found", "crm", 3), ("found", "crm", 3)] == [
        (entry["event"], entry["source"], entry.get("count")) for entry in entries(file)
    ]


def test_information_can_have_a_traceback(file: io.TextIOWrapper) -> None:
    log = configure_logs(file)
    try:
        fail("hunter" + str(2))
    except ValueError:
        log.info("tried", exc_info=True)

    (entry,) = entries(file)
    assert "in fail" in entry["exception"]


def test_a_quick_line_has_its_members_in_the_same_order_as_any_other(file: io.TextIOWrapper) -> None:
    log = configure_logs(file)
    log.info("call", method="ListMetrics", code="OK")
    log.warning("call", method="ListMetrics", code="OK")

    one, two = entries(file)
    assert ["timestamp", "level", "event", "method", "code"] == list(one) == list(two)
