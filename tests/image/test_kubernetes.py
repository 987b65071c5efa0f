"""The Deployment as it is shipped, run by podman in the place of Kubernetes."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import aiohttp
import grpc
import pytest
import yaml

from tests.gateway.cli.processes import next_event
from tests.house.manifests import Manifest, container, rendered, volumes
from tests.image.engine import Engine
from unified.analytics.v1.source_service_pb2 import ListSourcesRequest, ListSourcesResponse

SOURCES = {"ai", "crm", "docs"}
ANY_PORTS = {"GRPC": "127.0.0.1:0", "REST": "127.0.0.1:0"}


def overlaid(engine: Engine, prefix: str) -> list[Manifest]:
    """What an overlay would make of the base: names of its own, our image, free ports, and the Secret."""
    base = rendered()
    deployment, configuration = base["Deployment"], base["ConfigMap"]
    deployment["spec"]["replicas"] = 1
    gateway = container(deployment)
    gateway["image"] = engine.image
    gateway["env"] = [
        {"name": f"ANALYTICS_GATEWAY_SERVER__{front}_ADDRESS", "value": address} for front, address in ANY_PORTS.items()
    ]
    # podman would publish them, which it cannot in the network of the machine.
    del gateway["ports"]
    credentials = {id_: base64.b64encode(b"hunter2").decode() for id_ in SOURCES}
    secret: Manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {}, "data": credentials}
    for volume in volumes(deployment):
        if "secret" in volume:
            # Absent means false; podman 4.3 falls over it.
            volume["secret"]["optional"] = False
            volume["secret"]["secretName"] = secret["metadata"]["name"] = prefix + volume["secret"]["secretName"]
        else:
            volume["configMap"]["name"] = configuration["metadata"]["name"] = prefix + volume["configMap"]["name"]
    deployment["metadata"]["name"] = prefix + deployment["metadata"]["name"]
    return [configuration, secret, deployment]


def written(file: Path, text: str) -> Path:
    file.write_text(text, "utf-8")
    return file


@asynccontextmanager
async def played(engine: Engine, manifests: list[Manifest], folder: Path) -> AsyncIterator[str]:
    """Manifests, running in the machine's own network. Gives the container's name."""
    file = written(folder / "manifests.yaml", yaml.safe_dump_all(manifests))
    names = [manifest["metadata"]["name"] for manifest in manifests]
    try:
        await engine.told("play", "kube", "--network", "host", str(file))
        container = f"name={names[-1]}.*-gateway$"
        yield (await engine.told("ps", "--all", "--filter", container, "--format", "{{.Names}}")).strip()
    finally:
        await engine.run("play", "kube", "--down", str(file))
        await engine.run("volume", "rm", *names[:2])
        await engine.run("secret", "rm", names[1])


async def test_the_deployment_runs_with_its_configuration_and_its_secrets(engine: Engine, tmp_path: Path) -> None:
    if not engine.is_podman:
        pytest.skip("only podman plays the manifests of Kubernetes")
    manifests = overlaid(engine, f"t{uuid4().hex[:8]}-")
    async with played(engine, manifests, tmp_path) as name:
        log = await engine.start("logs", "--follow", name)
        assert log.stderr is not None
        ready = await next_event(log.stderr, "ready")
        over_grpc, over_rest = (
            await asked_over_grpc(ready["grpc_address"]),
            await asked_over_rest(ready["rest_address"]),
        )
        await engine.told("stop", "--time", "60", name)
        code = await engine.told("inspect", "--format", "{{.State.ExitCode}}", name)
        await log.communicate()

    assert SOURCES == over_grpc == over_rest
    assert "0" == code.strip()


async def asked_over_grpc(address: str) -> set[str]:
    async with grpc.aio.insecure_channel(address) as channel:
        ask: grpc.aio.UnaryUnaryMultiCallable[ListSourcesRequest, ListSourcesResponse] = channel.unary_unary(
            "/unified.analytics.v1.SourceService/ListSources",
            ListSourcesRequest.SerializeToString,
            ListSourcesResponse.FromString,
        )
        return {source.source for source in (await ask(ListSourcesRequest(), timeout=50)).sources}


async def asked_over_rest(address: str) -> set[str]:
    async with aiohttp.request("GET", f"http://{address}/v1/sources") as answer:
        return {source["source"] for source in (await answer.json())["sources"]}
