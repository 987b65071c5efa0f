"""Mosswiki: how much a wiki holds, and who writes it."""

from adapters import Adapter
from mosswiki.simulator import create_simulator
from mosswiki.source import MosswikiSettings, open_source

ADAPTER = Adapter(
    kind="mosswiki", display_name="Mosswiki", settings=MosswikiSettings, open=open_source, simulator=create_simulator
)
