"""Fluid Topics: a stream of user events of the past year, and their counts."""

from adapters import Adapter
from adapters.fluidtopics.settings import FluidTopicsSettings
from adapters.fluidtopics.simulator import create_simulator
from adapters.fluidtopics.source import open_source

ADAPTER = Adapter(
    kind="fluidtopics",
    display_name="Fluid Topics",
    settings=FluidTopicsSettings,
    open=open_source,
    simulator=create_simulator,
)
"""This kind of source."""
