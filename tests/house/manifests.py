"""The Kubernetes manifests as `kubectl apply --kustomize` sends them, without kustomize."""

import hashlib
from pathlib import Path
from typing import Any

import yaml

from tests.house.tree import ROOT

BASE = ROOT / "deploy/kubernetes"

Manifest = dict[str, Any]


def load(path: Path) -> Any:  # noqa: ANN401 - YAML
    """What a YAML file says."""
    return yaml.safe_load(path.read_text("utf-8"))


def rendered() -> dict[str, Manifest]:
    """The manifests of the base by kind, which has one of each. The generated ConfigMap's name ends with a hash."""
    kustomization = load(BASE / "kustomization.yaml")
    manifests = [load(BASE / name) for name in kustomization["resources"]]
    (generator,) = kustomization["configMapGenerator"]
    data = {name: (BASE / name).read_text("utf-8") for name in generator["files"]}
    name = f"{generator['name']}-{hashlib.sha256(str(data).encode()).hexdigest()[:10]}"
    configuration = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
    for volume in volumes(manifests[0]):
        if volume.get("configMap", {}).get("name") == generator["name"]:
            volume["configMap"]["name"] = name
    return {manifest["kind"]: manifest for manifest in [configuration, *manifests]}


def pod(deployment: Manifest) -> Manifest:
    """What a Deployment says of its pods."""
    found: Manifest = deployment["spec"]["template"]["spec"]
    return found


def container(deployment: Manifest) -> Manifest:
    """The one container of a Deployment's pods."""
    found: Manifest
    (found,) = pod(deployment)["containers"]
    return found


def volumes(deployment: Manifest) -> list[Manifest]:
    """The volumes of a Deployment's pods."""
    found: list[Manifest] = pod(deployment)["volumes"]
    return found
