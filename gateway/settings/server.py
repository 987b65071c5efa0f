"""The table `[server]`, which can be read without any of the sources."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.settings.tables import Table, read_tables, table_of, validated

_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a front listens."""

    host: str
    port: int
    """0 picks a free one."""

    def __str__(self) -> str:
        """`HOST:PORT`, with an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: object) -> Address:
    """Read `HOST:PORT`.

    Raises:
        ValueError: it has another form.
    """
    match = re.fullmatch(
        r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<host>[^\[\]:\0-\x20\x7f]+)):(?P<port>[0-9]{1,5})", str(text)
    )
    if match is None or int(match["port"]) > _LAST_PORT:
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    return Address(host=match["v6"] or match["host"], port=int(match["port"]))


_AddressField = Annotated[Address, BeforeValidator(parse_address)]
_Seconds = Annotated[float, Field(gt=0, le=86_400)]


class ServerSettings(BaseModel):
    """The table `[server]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grpc_address: _AddressField = Address(host="127.0.0.1", port=50051)
    rest_address: _AddressField = Address(host="127.0.0.1", port=8080)
    default_timeout: _Seconds = 10.0
    """Seconds that a call may take whose caller names no time."""
    longest_timeout: _Seconds = 60.0
    """Seconds that a call may take, whatever its caller asks for."""
    longest_stream: _Seconds = 3600.0
    """Seconds that a stream may take."""
    grace: Annotated[float, Field(ge=0, le=3600)] = 10.0
    """Seconds that calls under way have to finish when the gateway stops."""
    max_calls: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Calls under way at once, streams included; one more is refused at once."""
    reuse_port: bool = False
    """Whether other gateways of the same user may listen on the same addresses, and share what comes."""
    max_connection_age: Annotated[float, Field(ge=1, le=86_400)] = 300.0
    """Seconds, about, for which a client's connection is used."""


def load_server_settings(
    config: Path | None, *, server: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> ServerSettings:
    """The part of `configuration.load_settings` that needs neither the kinds of the sources nor their secrets.

    Raises:
        ConfigurationError: a key of the server is unknown or wrong, or the file cannot be read.
    """
    return server_settings(read_tables(config, server=server, environ=environ))


def server_settings(tables: Table) -> ServerSettings:
    """What the whole configuration says of the server.

    Raises:
        ConfigurationError: a key is unknown or wrong.
    """
    return validated(ServerSettings, "server", table_of(tables, "server"))
