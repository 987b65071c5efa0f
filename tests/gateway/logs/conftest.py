"""Logging is the process's own: each test gets it, and gives it back."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logging is the process's own; other tests get it back as it was."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[io.TextIOWrapper]:
    """A log file."""
    with (tmp_path / "log").open("w+", encoding="utf-8") as stream:
        yield stream
