"""The image that `make image-test` has built, and the engine that runs it."""

import asyncio
import os
from collections.abc import Callable

import pytest

from tests.image.engine import Engine


@pytest.fixture(scope="session")
def _asyncio_loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Run on asyncio's own event loop: podman leaves a process behind, to which uvloop would have left open pipes."""
    return asyncio.new_event_loop


@pytest.fixture(scope="session")
def engine() -> Engine:
    """What runs containers of the image."""
    try:
        return Engine(command=os.environ["CONTAINER_ENGINE"], image=os.environ["IMAGE"])
    except KeyError:
        raise pytest.UsageError("these tests want an image: run them by `make image-test`") from None
