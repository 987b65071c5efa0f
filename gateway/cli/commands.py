"""`analytics-gateway serve`, `sandbox`, `check` and `health`.

What a command needs is imported when it runs: `--help` would otherwise wait for gRPC, aiohttp and every adapter.
"""
# ruff: noqa: PLC0415 - the reason stands above

import os
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="How are our tools being used? One gRPC and REST service, asking several upstreams at once.",
    no_args_is_help=True,
    add_completion=False,
    # Typer's own tracebacks show the values of variables, which may be secret.
    pretty_exceptions_enable=False,
)

_Port = Annotated[int, typer.Option(min=0, max=65535, metavar="PORT", help="0 picks a free one.")]
EVENTS = 250_000
"""How many Fluid Topics events the simulated past year holds, unless told otherwise."""

_Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The configuration, in TOML. Default: what ANALYTICS_GATEWAY_CONFIG names."),
]
_Address = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Instead of the configured one; port 0 picks a free one.")
]
_Events = Annotated[
    int, typer.Option(min=0, max=100_000_000, help="How many Fluid Topics events the past year holds, about.")
]
_Seed = Annotated[int, typer.Option(help="The same seed makes the same company.")]


def main() -> None:
    """Run the command line, and exit."""
    # What has no handler for a signal ends by it, but not the first process of a container: that would go on starting,
    # deaf, until it is killed.
    # Ctrl-C would be an exception wherever the start is at, even where nobody passes one on.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: os._exit(128 + number))
    app()


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"analytics-gateway {version('analytics-gateway')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """How are our tools being used? One gRPC and REST service, asking several upstreams at once."""


@app.command()
def serve(
    *,
    config: _Config = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Serve simulated upstreams, which run within; nothing is configured.")
    ] = False,
    grpc_address: _Address = None,
    rest_address: _Address = None,
) -> None:
    """Serve gRPC and REST until SIGTERM or Ctrl-C; calls under way may finish. Logs go to standard error."""
    from gateway.cli.run import run_gateway

    if config is not None and sandbox:
        raise typer.BadParameter("--config and --sandbox exclude each other: the sandbox configures itself")
    given = {"grpc_address": grpc_address, "rest_address": rest_address}
    server = {key: value for key, value in given.items() if value is not None}
    sys.exit(run_gateway(config, sandboxed=sandbox, server=server))


@app.command()
def sandbox(
    *,
    superoffice_port: _Port = 0,
    fluidtopics_port: _Port = 0,
    zylon_port: _Port = 0,
    events: _Events = EVENTS,
    seed: _Seed = 1,
) -> None:
    """Run the simulated upstreams alone, on loopback, until SIGTERM or Ctrl-C.

    One line of JSON on standard output says where they are and which credentials they take.

    It holds the same tables as the `sources` of a configuration.
    """
    from gateway.cli.run import run_sandbox

    ports = {"superoffice": superoffice_port, "fluidtopics": fluidtopics_port, "zylon": zylon_port}
    sys.exit(run_sandbox(ports, events=events, seed=seed))


@app.command()
def check(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="Ids of those to check. Default: all.")
    ] = None,
    *,
    config: _Config = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=300, metavar="SECONDS", help="How long to wait for the answers.")
    ] = 10.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line per source, as CheckSource answers over REST.")
    ] = False,
) -> None:
    """Ask each configured upstream a cheap live question, and tell what to do about those that fail.

    No gateway has to run. Exit code 0: all answered. 1: some did not. 2: the configuration is wrong.
    """
    from gateway.cli.check import check_sources

    sys.exit(check_sources(config, sources or (), timeout=timeout, as_json=as_json))


@app.command()
def health(
    *,
    config: _Config = None,
    grpc_address: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Where to ask, instead of where it is configured to listen.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=60, metavar="SECONDS", help="How long to wait for the answer.")
    ] = 3.0,
) -> None:
    """Ask a running gateway over gRPC whether it serves, and tell it in one line.

    Exit code 0: it serves. 1: it does not, or not any more, or does not answer. 2: the configuration is wrong.

    Of the configuration only the server's table is looked at; no secret is read, and no upstream is asked.
    """
    from gateway.cli.health import check_health

    server = {} if grpc_address is None else {"grpc_address": grpc_address}
    sys.exit(check_health(config, server=server, timeout=timeout))
