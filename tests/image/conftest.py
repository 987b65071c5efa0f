"""The image that `make image-test` has built, and the engine that runs it."""

import os

import pytest

from tests.image.engine import Engine


@pytest.fixture(scope="session")
def engine() -> Engine:
    """What runs containers of the image."""
    try:
        return Engine(command=os.environ["CONTAINER_ENGINE"], image=os.environ["IMAGE"])
    except KeyError:
        raise pytest.UsageError("these tests want an image: run them by `make image-test`") from None
