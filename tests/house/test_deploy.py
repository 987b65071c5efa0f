"""What is shipped to run the image: valid, hardened, and true to the image and to the gateway."""

import re
import tomllib
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]  # it ships no types, and nobody else does
import pytest

from gateway.settings.configuration import Settings, load_settings
from gateway.settings.server import Address, ServerSettings, parse_address
from tests.house.manifests import BASE, Manifest, container, load, pod, rendered, volumes
from tests.house.tree import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
IMAGE = f"analytics-gateway:{VERSION}"
KINDS = {"ConfigMap", "Deployment", "PodDisruptionBudget", "Service"}
MANIFESTS = rendered()
DEPLOYMENT = MANIFESTS["Deployment"]
COMPOSE = load(ROOT / "deploy/compose.yaml")
SECRETS = "/run/secrets/"
PORTS = {"grpc": ServerSettings().grpc_address.port, "http": ServerSettings().rest_address.port}
HEALTH = ["CMD", "analytics-gateway", "health"]
LAST_WORDS = 2
"""Seconds that REST clients have after `server.grace`."""


def instruction(name: str) -> str:
    """What the last stage of the Dockerfile gives an instruction."""
    last = DOCKERFILE.rpartition("\nFROM ")[2].replace("\\\n", " ")
    (found,) = re.findall(rf"^{name} +(.*)$", last, re.MULTILINE)
    return str(found)


def environment(name: str) -> str:
    """A variable of the image."""
    (found,) = re.findall(rf"\b{name}=(\S+)", DOCKERFILE)
    return str(found)


def shipped_settings(folder: Path) -> Settings:
    """The configuration as it is shipped, with made-up secrets in a folder."""
    text = (BASE / "gateway.toml").read_text("utf-8")
    for secret in re.findall(rf"{SECRETS}(\w+)", text):
        (folder / secret).write_text("hunter2\n")
    (folder / "gateway.toml").write_text(text.replace(SECRETS, f"{folder}/"))
    return load_settings(folder / "gateway.toml", environ={})


def secret_files() -> set[str]:
    return set(re.findall(rf'"{SECRETS}(\w+)"', (BASE / "gateway.toml").read_text("utf-8")))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_manifest_is_what_kubernetes_takes(kind: str) -> None:
    kubernetes_validate.validate(MANIFESTS[kind], kubernetes_validate.latest_version(), strict=True)


def test_the_base_is_all_of_these() -> None:
    assert MANIFESTS.keys() == KINDS
    assert {"deployment.yaml", "disruption.yaml", "gateway.toml", "kustomization.yaml", "service.yaml"} == {
        path.name for path in BASE.iterdir()
    }


def test_the_configuration_that_is_shipped_is_one(tmp_path: Path) -> None:
    settings = shipped_settings(tmp_path)

    assert ["ai", "crm", "docs"] == [source.id for source in settings.sources]


def test_the_image_is_named_after_the_version() -> None:
    assert IMAGE == container(DEPLOYMENT)["image"]
    assert {f"${{IMAGE:-{IMAGE}}}"} == {service["image"] for service in COMPOSE["services"].values()}
    assert f'org.opencontainers.image.version="{VERSION}"' in DOCKERFILE


def test_the_image_listens_on_all_interfaces_at_the_usual_ports() -> None:
    names = ("ANALYTICS_GATEWAY_SERVER__GRPC_ADDRESS", "ANALYTICS_GATEWAY_SERVER__REST_ADDRESS")

    assert [Address(host="0.0.0.0", port=port) for port in PORTS.values()] == [  # noqa: S104 - a container's own
        parse_address(environment(name)) for name in names
    ]
    assert list(PORTS.values()) == [int(port) for port in instruction("EXPOSE").split()]


def test_every_manifest_means_the_same_ports() -> None:
    containers = {port["name"]: port["containerPort"] for port in container(DEPLOYMENT)["ports"]}
    served = {port["targetPort"]: port["port"] for port in MANIFESTS["Service"]["spec"]["ports"]}
    probed = {container(DEPLOYMENT)[f"{probe}Probe"]["grpc"]["port"] for probe in ("startup", "readiness", "liveness")}

    assert PORTS == containers == served
    assert {PORTS["grpc"]} == probed
    for service in COMPOSE["services"].values():
        assert [f"127.0.0.1:{port}:{port}" for port in PORTS.values()] == service["ports"]


def test_what_selects_pods_finds_them() -> None:
    labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]

    assert labels == DEPLOYMENT["spec"]["selector"]["matchLabels"]
    assert labels == MANIFESTS["Service"]["spec"]["selector"]
    assert labels == MANIFESTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]
    (spread,) = pod(DEPLOYMENT)["topologySpreadConstraints"]
    assert labels == spread["labelSelector"]["matchLabels"]


def test_the_user_is_the_images_own() -> None:
    user, group = map(int, instruction("USER").split(":"))
    security = pod(DEPLOYMENT)["securityContext"]

    assert [user, group, group] == [security[key] for key in ("runAsUser", "runAsGroup", "fsGroup")]


def test_a_container_may_do_nothing_that_it_need_not() -> None:
    assert (
        pod(DEPLOYMENT)["securityContext"].items()
        >= {
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        }.items()
    )
    assert container(DEPLOYMENT)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    for service in COMPOSE["services"].values():
        assert service["read_only"]
        assert ["ALL"] == service["cap_drop"]
        assert ["no-new-privileges:true"] == service["security_opt"]


def test_nobody_kills_a_gateway_that_still_has_calls(tmp_path: Path) -> None:
    needed = shipped_settings(tmp_path).server.grace + LAST_WORDS
    asleep = container(DEPLOYMENT)["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert needed + asleep < pod(DEPLOYMENT)["terminationGracePeriodSeconds"]
    assert needed < int(COMPOSE["services"]["gateway"]["stop_grace_period"].removesuffix("s"))


def mounted(service: Manifest) -> set[str]:
    """The files that a compose service finds in its container."""
    files = {volume.removesuffix(":ro").rpartition(":")[2] for volume in service["volumes"]}
    return files | {f"{SECRETS}{secret}" for secret in service["secrets"]}


def test_what_the_configuration_names_is_mounted() -> None:
    gateway = COMPOSE["services"]["gateway"]
    sources = {volume["name"]: volume for volume in volumes(DEPLOYMENT)}
    mounts = {mount["mountPath"]: sources[mount["name"]] for mount in container(DEPLOYMENT)["volumeMounts"]}

    assert mounted(gateway) == {gateway["command"][-1], *(SECRETS + secret for secret in secret_files())}
    assert secret_files() == COMPOSE["secrets"].keys()
    assert gateway["command"] == container(DEPLOYMENT)["args"]
    assert "secret" in mounts[SECRETS.rstrip("/")]
    assert MANIFESTS["ConfigMap"]["metadata"]["name"] == mounts["/etc/analytics-gateway"]["configMap"]["name"]


def test_compose_asks_for_health_as_the_image_does() -> None:
    """An image in the OCI's own format has no health check, so compose brings it along."""
    options, _, check = instruction("HEALTHCHECK").partition(" CMD ")

    for service in COMPOSE["services"].values():
        health = service["healthcheck"]
        assert HEALTH == health["test"] == ["CMD", *re.findall(r'"([^"]+)"', check)]
        assert sorted(options.split()) == sorted(
            f"--{key.replace('_', '-')}={value}" for key, value in health.items() if key != "test"
        )
