"""What the adapters keep so as not to work it out again."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import adapters

PER_TYPE = {"adapters.transport.decoding.shapes._record", "adapters.transport.decoding.twins._twin"}
"""One for each wire struct, which are as many as the code has."""


def keepers() -> Iterator[tuple[str, int | None]]:
    """Each function that remembers results, and how many; one without parameters has but one.

    Not of the simulators, whom nobody asks but ourselves.
    """
    for module in pkgutil.walk_packages(adapters.__path__, "adapters."):
        for name, value in vars(importlib.import_module(module.name)).items():
            is_keeper = hasattr(value, "cache_parameters") and value.__module__ == module.name
            if is_keeper and ".simulated." not in module.name and inspect.signature(value).parameters:
                yield f"{module.name}.{name}", value.cache_parameters()["maxsize"]


def test_what_is_kept_of_questions_and_answers_is_bounded() -> None:
    found = dict(keepers())
    assert {"adapters.fluidtopics.counts.reading.spans_of", *PER_TYPE} <= found.keys()
    assert PER_TYPE == {name for name, most in found.items() if most is None}
    assert all(most <= 1024 for most in found.values() if most is not None)
