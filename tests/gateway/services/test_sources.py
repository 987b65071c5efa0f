"""The sources that are configured, and whether they can be reached."""

import asyncio
from dataclasses import replace

import pytest
import structlog

from adapters.ports import Connection, Protection
from gateway.pipeline.errors import SourceNotFoundError
from gateway.services import SourceService
from gateway.services.advice import ADVICE
from tests.clock import START, VirtualClock
from tests.fakes import DeadSource, FakeEvents, FakeEverything, FakeSource, HangingSource, a_call, federation, states
from unified.analytics.v1 import outcome_pb2
from unified.analytics.v1.outcome_pb2 import SourceOutcome
from unified.analytics.v1.source_pb2 import Source, SourceConnection, SourceHistory, SourceProtection
from unified.analytics.v1.source_service_pb2 import CheckSourceRequest, GetSourceRequest, ListSourcesRequest


async def test_sources_are_listed_by_id_with_what_they_can_be_asked_for() -> None:
    service = SourceService(federation(FakeEvents("docs", 1), FakeEverything("ai", threads=1, projects=2)))

    answer = await service.list_sources(ListSourcesRequest(), a_call())

    assert list(answer.sources) == [
        Source(
            source="ai",
            kind="fake",
            display_name="Ai",
            parts=[
                outcome_pb2.PART_METRICS,
                outcome_pb2.PART_TIME_SERIES,
                outcome_pb2.PART_RANKINGS,
                outcome_pb2.PART_ACCOUNTS,
            ],
            metrics=["ai.projects", "ai.threads"],
            time_series=["ai.threads"],
            rankings=["active-users", "search-terms"],
            connection=SourceConnection(address="http://ai.invalid", credential_scheme="bearer"),
            history=SourceHistory(start_time=START),
        ),
        Source(
            source="docs",
            kind="fake",
            display_name="Docs",
            parts=[outcome_pb2.PART_EVENTS],
            connection=SourceConnection(address="http://docs.invalid", credential_scheme="bearer"),
            history=SourceHistory(start_time=START),
        ),
    ]


async def test_a_source_tells_what_is_done_to_spare_it() -> None:
    crm = FakeSource("crm", contacts=1)
    crm.connection = replace(
        crm.connection,
        protection=Protection(
            circuit="open",
            probe_time=START,
            failure_ratio=0.75,
            in_flight=3,
            waiting=2,
            rate=7.5,
            is_rate_lowered=True,
        ),
    )

    told = await SourceService(federation(crm)).get_source(GetSourceRequest(source="crm"), a_call())

    assert told.source.protection == SourceProtection(
        circuit=SourceProtection.CIRCUIT_OPEN,
        probe_time=START,
        failure_ratio=0.75,
        in_flight=3,
        waiting=2,
        rate=7.5,
        rate_lowered=True,
    )


async def test_one_source_is_told_as_it_is_listed() -> None:
    service = SourceService(federation(FakeSource("crm", contacts=1)))

    listed = await service.list_sources(ListSourcesRequest(), a_call())
    told = await service.get_source(GetSourceRequest(source="crm"), a_call())

    assert told.source == listed.sources[0]


async def test_the_connection_is_told_as_it_is_at_present() -> None:
    """An address that is not known yet is absent, and so is the end of a credential that has none."""
    crm = FakeSource("crm")
    crm.connection = Connection(address="", credential_scheme="oauth", credential_expire_time=None)
    service = SourceService(federation(crm))
    before = await service.get_source(GetSourceRequest(source="crm"), a_call())
    crm.connection = Connection(address="https://crm", credential_scheme="oauth", credential_expire_time=START)

    after = await service.get_source(GetSourceRequest(source="crm"), a_call())

    assert before.source.connection == SourceConnection(credential_scheme="oauth")
    assert not before.source.connection.HasField("address")
    assert after.source.connection == SourceConnection(
        address="https://crm", credential_scheme="oauth", credential_expire_time=START
    )


async def test_what_came_of_a_check_is_seen_at_a_glance() -> None:
    service = SourceService(federation(FakeSource("ai"), DeadSource("crm")))
    for source in ("ai", "crm"):
        await service.check_source(CheckSourceRequest(source=source), a_call())

    answer = await service.list_sources(ListSourcesRequest(), a_call())

    ai, crm = (source.history for source in answer.sources)
    assert (ai.HasField("last_success_time"), crm.HasField("last_success_time")) == (True, False)
    assert (ai.HasField("last_failure"), crm.HasField("last_failure")) == (False, True)


async def test_a_source_that_is_not_configured_is_not_found() -> None:
    service = SourceService(federation(FakeSource("crm", contacts=1)))

    with pytest.raises(SourceNotFoundError, match='"erp" is not configured; there are: crm'):
        await service.get_source(GetSourceRequest(source="erp"), a_call())
    with pytest.raises(SourceNotFoundError):
        await service.check_source(CheckSourceRequest(source="erp"), a_call())


async def test_a_check_of_a_sound_source_is_answered() -> None:
    call = a_call()

    answer = await SourceService(federation(FakeSource("crm"))).check_source(CheckSourceRequest(source="crm"), call)

    assert states([answer.outcome]) == {"crm": "ANSWERED"}
    assert (answer.outcome.part, answer.outcome.attempts) == (outcome_pb2.PART_UNSPECIFIED, 1)
    assert call.outcomes == [answer.outcome]
    assert not answer.HasField("advice")


async def test_a_check_of_a_dead_source_is_an_answer_too() -> None:
    service = SourceService(federation(DeadSource("crm")))

    answer = await service.check_source(CheckSourceRequest(source="crm"), a_call())

    assert states([answer.outcome]) == {"crm": "FAILED"}
    assert "UPSTREAM_UNREACHABLE" in str(answer.outcome.status)
    assert answer.connection == SourceConnection(address="http://crm.invalid", credential_scheme="bearer")
    assert answer.advice == ADVICE["UPSTREAM_UNREACHABLE"]


async def test_a_fault_of_an_adapter_has_advice_too() -> None:
    service = SourceService(federation(DeadSource("crm", KeyError("secret value"))))

    with structlog.testing.capture_logs():
        answer = await service.check_source(CheckSourceRequest(source="crm"), a_call())

    assert "source_fault" in answer.advice
    assert "secret value" not in str(answer)


async def test_a_check_ends_before_its_caller_gives_up() -> None:
    clock = VirtualClock()
    hanging = HangingSource("crm")
    service = SourceService(federation(hanging, clock=clock))
    checking = asyncio.create_task(service.check_source(CheckSourceRequest(source="crm"), a_call(clock, seconds=2)))
    await hanging.hanging.wait()

    await clock.advance(1.9)

    assert (await checking).outcome.state == SourceOutcome.STATE_TIMED_OUT
