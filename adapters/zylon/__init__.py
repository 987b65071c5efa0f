"""Zylon: how an organisation uses its assistant."""

from adapters import Adapter
from adapters.zylon.client import open_source
from adapters.zylon.settings import ZylonSettings
from adapters.zylon.simulator import create_simulator

ADAPTER = Adapter(
    kind="zylon", display_name="Zylon", settings=ZylonSettings, open=open_source, simulator=create_simulator
)
