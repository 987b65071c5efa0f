"""The documentation says all that there is, and nothing that there isn't."""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import pytest
from prometheus_client import CollectorRegistry
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import adapters
from adapters.errors import SourceError
from adapters.settings import (
    BreakerSettings,
    FreshnessSettings,
    LimitSettings,
    ProxySettings,
    RetrySettings,
    SourceSettings,
    TlsSettings,
)
from gateway.contract import load_contract
from gateway.pipeline.errors import CallError, source_status
from gateway.rest.bindings import read_bindings
from gateway.rest.errors import HttpError
from gateway.rest.problems import HTTP_STATUSES
from gateway.settings.cache import CacheSettings
from gateway.settings.configuration import load_settings
from gateway.settings.server import ServerSettings
from tests.gateway.pipeline.fakes import fixture
from tests.gateway.pipeline.telemetry.counted import count_everything
from tests.house.pages import CONFIGURATION, ERRORS, METRICS, README, quoted
from tests.house.tree import SOURCES, modules
from unified.analytics.v1.error_reason_pb2 import ErrorReason

KINDS = adapters.built_in()
BELOW = "below"
"""Instead of a table's default: those of its keys are documented in its own section."""
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def models(annotation: object) -> Iterator[type[BaseModel]]:
    """The models in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models(argument)


def sections() -> Iterator[tuple[str, Mapping[str, FieldInfo]]]:
    """Where each model's settings are documented. A kind's section leaves out what all kinds have."""
    yield "`[server]`", ServerSettings.model_fields
    yield "`[cache]`", CacheSettings.model_fields
    yield "`[sources.<id>]`", SourceSettings.model_fields
    yield "`retry`", RetrySettings.model_fields
    yield "`breaker`", BreakerSettings.model_fields
    yield "`limits`", LimitSettings.model_fields
    yield "`cache`", FreshnessSettings.model_fields
    yield "`tls`", TlsSettings.model_fields
    yield "`proxy`", ProxySettings.model_fields
    for kind, adapter in KINDS.items():
        fields = adapter.settings.model_fields
        own = {key: field for key, field in fields.items() if key not in SourceSettings.model_fields}
        yield f"Kind `{kind}`", own
        for auth in models(own["auth"].annotation):
            (scheme,) = get_args(auth.model_fields["scheme"].annotation)
            yield f"`auth`, scheme `{scheme}`", auth.model_fields


def bounds(field: FieldInfo) -> list[str]:
    """The numbers between which a setting must lie, as they are written."""
    names = ("gt", "ge", "lt", "le")
    found = (getattr(rule, name, None) for rule in field.metadata for name in names)
    return [f"{bound:,.12g}" for bound in found if bound]


def documented_default(cell: str) -> object:
    """What a table says that a setting is if it is not set."""
    if cell == "required":
        return PydanticUndefined
    if cell.startswith("none"):
        return None
    if cell == BELOW:
        return BELOW
    # What differs for one kind of source may stand behind it.
    return tomllib.loads(f"value = {cell.partition(';')[0].strip('`')}")["value"]


def default(field: FieldInfo) -> object:
    """What a setting is if it is not set, as the configuration would spell it."""
    value = field.get_default()
    if isinstance(value, BaseModel):
        return BELOW
    return value if value is PydanticUndefined or isinstance(value, int | float | None) else str(value)


@pytest.mark.parametrize(("title", "fields"), dict(sections()).items())
def test_every_setting_is_documented(title: str, fields: Mapping[str, FieldInfo]) -> None:
    rows = CONFIGURATION.rows(title)

    assert fields.keys() == rows.keys()
    assert {key: default(field) for key, field in fields.items()} == {
        key: documented_default(cells[1]) for key, cells in rows.items()
    }
    assert [] == [(key, bound) for key, field in fields.items() for bound in bounds(field) if bound not in rows[key][0]]


def test_the_configuration_shown_is_one(tmp_path: Path) -> None:
    (example,) = README.examples("toml", below="Configuration")
    file = tmp_path / "gateway.toml"
    file.write_text(example)
    tables = tomllib.loads(example)["sources"]
    secrets = {f"ANALYTICS_GATEWAY_SOURCES__{source.upper()}__AUTH__TOKEN": "secret" for source in tables}

    settings = load_settings(file, environ=secrets)

    assert KINDS.keys() == {source.adapter.kind for source in settings.sources}


def test_every_rpc_is_documented_with_its_paths() -> None:
    bound: dict[str, list[str]] = {}
    for binding in read_bindings(load_contract()):
        bound.setdefault(binding.method.name, []).append(f"{binding.verb} {binding.template.text}")

    assert bound == {rpc: quoted(cells[0]) for rpc, cells in README.rows("What can be asked").items()}


def statuses(error: type[CallError]) -> Iterator[tuple[str, str, str]]:
    """Reason, gRPC code and HTTP status of the errors below one."""
    for found in error.__subclasses__():
        if "reason" in vars(found):
            http = found.http_status if issubclass(found, HttpError) else HTTP_STATUSES[found.code]
            yield found.reason, found.code.name, str(http)
        yield from statuses(found)


def reported(error: type[SourceError]) -> Iterator[tuple[str, str, str]]:
    """Reason, gRPC code and whether it is asked again, of the errors below one that are for callers, families apart."""
    for found in error.__subclasses__():
        families = [kind.__module__ for kind in found.__subclasses__()]
        if found.__module__ == SourceError.__module__ not in families:
            code = source_status(found("so"), source="crm", kind="superoffice").code
            name = next(each.name for each in HTTP_STATUSES if each.value[0] == code)
            yield found.reason, name, "yes" if found.retryable else "no"
        yield from reported(found)


def test_every_error_reason_is_documented() -> None:
    reasons = [name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()[1:]]
    rows = {**ERRORS.rows("The call fails"), **ERRORS.rows("A source fails")}

    assert sorted(reasons) == sorted(rows)


def test_every_error_is_documented_with_its_status() -> None:
    documented = {
        (reason, code, http)
        for reason, cells in ERRORS.rows("The call fails").items()
        for code, http in zip(quoted(cells[0]), cells[1].split(", "), strict=True)
    }

    assert set(statuses(CallError)) == documented
    assert set(reported(SourceError)) == {
        (reason, cells[0].strip("`"), cells[1]) for reason, cells in ERRORS.rows("A source fails").items()
    }


def exported(registry: CollectorRegistry) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Name, type and labels of the metrics that have a sample."""
    for metric in registry.collect():
        labels = frozenset(label for sample in metric.samples for label in sample.labels) - {"le"}
        yield metric.name + ("_total" if metric.type == "counter" else ""), metric.type, labels


def test_every_metric_is_documented() -> None:
    telemetry = fixture().telemetry
    count_everything(telemetry)

    assert set(exported(telemetry.registry)) == {
        (name, cells[0], frozenset(quoted(cells[1])))
        for name, cells in METRICS.rows("Prometheus").items()
        if sys.platform == "linux" or not name.startswith("process_")
    }


def logged(module: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Event, level and fields of each line that a module logs."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            fields = {keyword.arg for keyword in node.keywords if keyword.arg}
            for event in map(ast.literal_eval, node.args):
                yield event, node.func.attr, frozenset("exception" if f == "exc_info" else f for f in fields)


def test_every_log_event_is_documented() -> None:
    rows = METRICS.rows("Logs")
    lines = {line for module in modules(*SOURCES) for line in logged(module)}

    assert {(event, level) for event, level, _ in lines} == {(event, cells[0]) for event, cells in rows.items()}
    assert [] == [(event, fields) for event, _, fields in lines if not fields <= {*quoted(rows[event][1])}]
