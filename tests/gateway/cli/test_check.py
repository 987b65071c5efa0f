"""`analytics-gateway check`: what it prints of sources that answer and of those that do not, and how it ends."""

from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf import json_format

from adapters.simulation import Fault
from gateway.services.advice import ADVICE
from tests.end_to_end.outcomes import ANSWERED, FAILED, TIMED_OUT
from tests.end_to_end.serving import IDS, tables
from tests.gateway.cli.processes import Ended, run
from tests.running import Upstreams
from unified.analytics.v1.source_service_pb2 import CheckSourceResponse

PATIENT = ("--timeout", "60")
"""However busy the machine is, an answer is not a matter of time."""


def variables(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A table of the configuration, as the environment gives it."""
    for key, value in table.items():
        name = f"{prefix}__{key.upper()}"
        if isinstance(value, Mapping):
            yield from variables(name, value)
        else:
            yield name, str(value)


async def check(upstreams: Upstreams, *arguments: str) -> Ended:
    """Check the three sources, with what they need in the environment."""
    configured = dict(variables("ANALYTICS_GATEWAY_SOURCES", await tables(upstreams)))
    return await run("check", *arguments, environ=configured)


async def refuse_all(upstreams: Upstreams) -> None:
    for kind in IDS.values():
        (await upstreams.get(kind)).control.faults.append(Fault(status=401))


async def secrets(upstreams: Upstreams) -> list[str]:
    """Those in the configuration, at least one per source."""
    auths = [table["auth"] for table in (await tables(upstreams)).values()]
    found = [value for auth in auths for key, value in auth.items() if key not in {"scheme", "username"}]
    assert len(found) >= len(auths)
    return found


def answers(out: str) -> dict[str, CheckSourceResponse]:
    """The lines of JSON, by source."""
    found = [json_format.Parse(line, CheckSourceResponse()) for line in out.splitlines()]
    return {answer.outcome.source: answer for answer in found}


async def test_when_all_answer_each_has_a_line_and_the_exit_code_is_0(upstreams: Upstreams) -> None:
    ended = await check(upstreams, *PATIENT)

    assert (0, "") == (ended.code, ended.err)
    assert ["source", *sorted(IDS)] == [line.split()[0] for line in ended.out.splitlines()]
    assert len(IDS) == ended.out.count("answered")


async def test_of_those_named_what_fails_comes_with_advice_and_exit_code_1(upstreams: Upstreams) -> None:
    await refuse_all(upstreams)

    ended = await check(upstreams, "crm", "ai", *PATIENT)

    assert (1, "") == (ended.code, ended.err)
    assert ["source", "ai", "crm"] == [line.split()[0] for line in ended.out.splitlines()[:3]]
    assert "\nai: The upstream refused the credential (401)" in ended.out
    assert ADVICE["UPSTREAM_CREDENTIAL_REFUSED"] == ended.out.splitlines()[-1]
    assert [] == [secret for secret in await secrets(upstreams) if secret in ended.out]
    assert 0 == (await upstreams.get("fluidtopics")).control.asked


async def test_json_is_what_check_source_answers(upstreams: Upstreams) -> None:
    await refuse_all(upstreams)
    crm = await upstreams.get("superoffice")
    crm.control.faults.clear()

    ended = await check(upstreams, "--json", *PATIENT)

    told = answers(ended.out)
    assert 1 == ended.code
    assert {"ai": FAILED, "crm": ANSWERED, "docs": FAILED} == {
        source: answer.outcome.state for source, answer in told.items()
    }
    assert ADVICE["UPSTREAM_CREDENTIAL_REFUSED"] == told["ai"].advice
    assert told["crm"].connection.address.startswith(crm.base_url)
    assert [] == [secret for secret in await secrets(upstreams) if secret in ended.out]


async def test_an_upstream_that_is_silent_costs_no_more_than_the_time_allowed(upstreams: Upstreams) -> None:
    """The process ends by itself, which says enough: the upstream never answers."""
    (await upstreams.get("fluidtopics")).control.faults.append(Fault(mode="hang"))

    ended = await check(upstreams, "docs", "--json", "--timeout", "0.5")

    assert (1, TIMED_OUT) == (ended.code, answers(ended.out)["docs"].outcome.state)


async def test_an_unknown_source_is_one_line_and_exit_code_2(upstreams: Upstreams) -> None:
    ended = await check(upstreams, "erp")

    assert (2, "") == (ended.code, ended.out)
    assert "analytics-gateway: sources.erp: is not configured; there are: ai, crm, docs\n" == ended.err
