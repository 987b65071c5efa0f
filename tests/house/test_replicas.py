"""The compose file for several gateways on one machine: true to the other one and to the gateway's settings."""

from pathlib import Path
from typing import Any

import yaml

from gateway.settings.configuration import load_settings
from tests.house.manifests import BASE
from tests.house.tree import ROOT

# Of compose's own tags there is one here, for what takes the place of what it lies over. The tag means nothing to YAML.
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "deploy/compose.replicas.yaml").read_text("utf-8").replace("!reset ", "")
)["services"]


def test_the_gateways_share_their_ports_and_what_they_keep(tmp_path: Path) -> None:
    text = (BASE / "gateway.toml").read_text("utf-8").replace("/run/secrets/", f"{tmp_path}/")
    (tmp_path / "gateway.toml").write_text(text)
    for secret in ("crm", "docs", "ai"):
        (tmp_path / secret).write_text("hunter2")

    settings = load_settings(tmp_path / "gateway.toml", environ=SERVICES["gateway"]["environment"])

    assert settings.server.reuse_port
    assert ("127.0.0.1:50051", "127.0.0.1:8080") == (
        str(settings.server.grpc_address),
        str(settings.server.rest_address),
    )
    assert settings.cache.redis_url is not None
    assert "redis://127.0.0.1:6379/0" == settings.cache.redis_url.get_secret_value()


def test_they_are_in_the_machines_own_network_and_publish_nothing() -> None:
    assert ("host", []) == (SERVICES["gateway"]["network_mode"], SERVICES["gateway"]["ports"])
    assert SERVICES["gateway"]["deploy"]["replicas"] > 1


def test_what_they_share_is_on_the_same_loopback_and_nowhere_else() -> None:
    """Behind a published port it would take them for strangers."""
    shared = SERVICES["shared"]
    asked = shared["command"].index("--bind") + 1

    assert ("host", "127.0.0.1") == (shared["network_mode"], shared["command"][asked])
    assert "ports" not in shared


def test_what_they_share_may_do_nothing_that_it_need_not() -> None:
    shared = SERVICES["shared"]

    assert shared["read_only"]
    assert ["ALL"] == shared["cap_drop"]
    assert ["no-new-privileges:true"] == shared["security_opt"]
