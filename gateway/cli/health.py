"""Whether a gateway serves. Asked every few seconds by container engines: it loads no adapter and reads no secret."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from gateway.cli.exits import FAILED, MISCONFIGURED, SUCCESS, complain
from gateway.settings.errors import ConfigurationError
from gateway.settings.server import Address, load_server_settings

_CHECK = f"/{health_pb2.DESCRIPTOR.services_by_name['Health'].full_name}/Check"
# gRPC would send even a question to loopback through the proxy that the environment names.
_DIRECT = (("grpc.enable_http_proxy", 0),)
_LONGEST_PROBLEM = 200
_Status = HealthCheckResponse.ServingStatus


def check_health(config: Path | None, *, server: Mapping[str, str], timeout: float) -> int:
    """Ask the gateway that such a configuration makes, for at most `timeout` seconds. Gives the exit code."""
    try:
        address = _reachable(load_server_settings(config, server=server).grpc_address)
    except ConfigurationError as error:
        return complain(error, MISCONFIGURED)
    problem = _problem(address, timeout)
    if problem is not None:
        return complain(f"{address} {problem}", FAILED)
    sys.stdout.write(f"{address} is serving\n")
    return SUCCESS


def _reachable(listening: Address) -> Address:
    """Where to ask one who listens there: whoever listens on all interfaces also does on loopback."""
    if listening.port == 0:
        raise ConfigurationError("server.grpc_address: port 0 means any; --grpc-address must say which one it became")
    try:
        host = ip_address(listening.host)
    except ValueError:
        return listening
    loopback = "127.0.0.1" if host.version == 4 else "::1"  # noqa: PLR2004 - the version of IP
    return replace(listening, host=loopback) if host.is_unspecified else listening


def _problem(address: Address, timeout: float) -> str | None:
    """Why who listens there cannot be called healthy, in one line, for it may be anybody."""
    with grpc.insecure_channel(str(address), options=_DIRECT) as channel:
        check = channel.unary_unary(_CHECK, HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString)
        call = check.future(HealthCheckRequest(), timeout=timeout)
        code = call.code()
        if code is not grpc.StatusCode.OK:
            return " ".join(f"does not answer: {code.name} {call.details()}".split())[:_LONGEST_PROBLEM]
        status = call.result().status
    if status == HealthCheckResponse.SERVING:
        return None
    return f"answers {_Status.Name(status) if status in _Status.values() else status}"
