"""A configuration, and what is said against it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.settings.configuration import Settings, load_settings
from gateway.settings.errors import ConfigurationError

ZYLON = """
[sources.ai]
kind = "zylon"
base_url = "https://zylon.example.com"
org = "auroralabs"
auth = { scheme = "bearer", token = "hunter2" }
"""


def load(
    folder: Path, text: str, environ: Mapping[str, str] | None = None, server: Mapping[str, str] | None = None
) -> Settings:
    file = folder / "gateway.toml"
    file.write_text(text, "utf-8")
    return load_settings(file, server=server, environ=environ or {})


def complaint(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text, environ)
    said = str(caught.value)
    assert "\n" not in said
    assert "hunter2" not in said
    return said
