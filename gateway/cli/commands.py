"""`analytics-gateway serve` and `analytics-gateway sandbox`.

What a command needs is imported when it runs: `--help` would otherwise wait for gRPC, aiohttp and every adapter.
"""
# ruff: noqa: PLC0415 - the reason stands above

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

_Address = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Instead of the configured one; port 0 picks a free one.")
]
_Events = Annotated[
    int, typer.Option(min=0, max=100_000_000, help="How many Fluid Topics events the past year holds, about.")
]
_Seed = Annotated[int, typer.Option(help="The same seed makes the same company.")]


def main() -> None:
    """Run the command line, and exit."""
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
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The configuration, in TOML. Default: what ANALYTICS_GATEWAY_CONFIG names."),
    ] = None,
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
