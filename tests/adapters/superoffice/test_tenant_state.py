"""What an answer of SuperOffice's state API means."""

import json
from datetime import datetime, timedelta

import pytest
from yarl import URL

from adapters.drift import DriftLog
from adapters.errors import InvalidResponseError, TenantUnavailableError
from adapters.superoffice.tenant_state import LONGEST, LONGEST_UNAVAILABLE, SHORTEST, State, Tenant, read_state
from tests.clock import START

TENANT = Tenant(
    online_url=URL("https://online.superoffice.com"), customer="Cust12345", allowed_domain="superoffice.com"
)
ANSWER = {
    "ContextIdentifier": "Cust12345",
    "Endpoint": "https://online2.superoffice.com/Cust12345",
    "State": "Running",
    "IsRunning": True,
    "ValidUntil": "2026-03-18T12:30:00.9342965Z",
    "Api": "https://online2.superoffice.com/Cust12345/api",
    "Version": "Release_11.10_2026.02.24-02",
}


def read(*, without: str = "", tenant: Tenant = TENANT, **members: object) -> State:
    """The state that the documented answer tells, with changes."""
    answer = {name: value for name, value in {**ANSWER, **members}.items() if name != without}
    return read_state(json.dumps(answer).encode(), DriftLog(), tenant=tenant, now=START)


def refusal(state: State) -> str:
    with pytest.raises(TenantUnavailableError) as caught:
        state.serving(START)
    return str(caught.value)


def test_the_documented_answer_is_read_without_a_departure() -> None:
    drift = DriftLog()
    state = read_state(json.dumps(ANSWER).encode(), drift, tenant=TENANT, now=START)
    assert [] == list(drift)
    assert URL("https://online2.superoffice.com/Cust12345/api/v1") == state.base == state.serving(START)
    assert START + timedelta(minutes=30, microseconds=934296) == state.until


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("2026-03-18T13:00:00+00:30", START + timedelta(minutes=30)),
        ("2026-03-18T12:00:00Z", START + SHORTEST),
        ("2019-01-01T00:00:00Z", START + SHORTEST),
        ("0001-01-01T00:00:00", START + SHORTEST),
        ("soon", START + SHORTEST),
        (None, START + SHORTEST),
        (1234, START + SHORTEST),
        ("2026-03-18T12:00:59Z", START + SHORTEST),
        ("9999-12-31T23:59:59.9999999Z", START + LONGEST),
    ],
)
def test_quirk_11_valid_until_is_heeded_within_bounds(text: object, until: datetime) -> None:
    assert until == read(ValidUntil=text).until


def test_what_is_not_served_is_looked_at_again_sooner() -> None:
    assert START + LONGEST_UNAVAILABLE == read(IsRunning=False, ValidUntil="2026-03-19T12:00:00Z").until


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("OfflineMaintenance", "OfflineMaintenance"),
        (6, "OfflineMaintenance"),
        ("06", "OfflineMaintenance"),
        (6.0, "OfflineMaintenance"),
        (0, "Unknown"),
        (12, "MigrationPending"),
        (7, "7"),
        ("Hibernating 2", "Hibernating 2"),
        ("x" * 41, "one that has no name"),
        ("<script>", "one that has no name"),
        ("Running\nlevel=error", "one that has no name"),
        ("\u0665", "one that has no name"),
        ("", "one that has no name"),
        (-1, "one that has no name"),
        (None, "one that has no name"),
        (["Running"], "one that has no name"),
    ],
)
def test_a_state_is_told_by_its_name_if_that_is_a_plain_one(told: object, name: str) -> None:
    state = read(State=told, IsRunning=False)
    assert name == state.name
    assert f"its state is {name}." in refusal(state)


@pytest.mark.parametrize(
    ("state", "is_running", "is_served"),
    [
        ("Running", None, True),
        ("OnlineMaintenance", None, True),
        (2, None, True),
        ("Suspended", None, False),
        ("Hibernating", None, False),
        ("Running", False, False),
        ("Hibernating", True, True),
        (None, True, True),
        (None, False, False),
    ],
)
def test_is_running_decides_and_where_it_is_not_told_the_name_does(
    state: object, *, is_running: bool | None, is_served: bool
) -> None:
    assert is_served == (read(State=state, IsRunning=is_running).base is not None)


def test_an_answer_that_tells_neither_is_of_no_use() -> None:
    with pytest.raises(InvalidResponseError, match="neither State nor IsRunning"):
        read(State=None, without="IsRunning")


@pytest.mark.parametrize(("state", "is_worth_it"), [("OfflineMaintenance", True), ("Suspended", False)])
def test_when_to_come_back_is_told_of_what_passes(state: str, *, is_worth_it: bool) -> None:
    with pytest.raises(TenantUnavailableError) as caught:
        read(State=state, IsRunning=False, ValidUntil="2026-03-18T12:10:00Z").serving(START + timedelta(minutes=4))
    assert (timedelta(minutes=6) if is_worth_it else None) == caught.value.retry_after


def test_an_answer_about_another_tenant_is_refused() -> None:
    assert read(ContextIdentifier="CUST12345").base
    with pytest.raises(InvalidResponseError, match="another tenant"):
        read(ContextIdentifier="Cust12346")


@pytest.mark.parametrize(
    "api",
    [
        "https://online2.superoffice.com/Cust12345/api",
        "https://online2.superoffice.com:443/Cust12345/api",
        "https://online2.superoffice.com/Cust12345/api/",
        "HTTPS://Online2.SuperOffice.COM/Cust12345/api",
    ],
)
def test_an_address_in_the_allowed_domain_is_taken(api: str) -> None:
    assert "https://online2.superoffice.com/Cust12345/api/v1" == str(read(Api=api).base)


@pytest.mark.parametrize(
    "api", ["https://disasterrecovery.superoffice.com/C/api", "https://a.b.superoffice.com./C/api"]
)
def test_a_tenant_may_be_on_any_host_there(api: str) -> None:
    assert read(Api=api).base


@pytest.mark.parametrize(
    "api",
    [
        None,
        "",
        42,
        "/Cust12345/api",
        "//online2.superoffice.com/api",
        "online2.superoffice.com/Cust12345/api",
        "https://",
        "https://[",
        "https:///Cust12345/api",
        "http://online2.superoffice.com/Cust12345/api",
        "ftp://online2.superoffice.com/Cust12345/api",
        "https://online2.superoffice.com:8443/Cust12345/api",
        "https://online2.superoffice.com:99999/Cust12345/api",
        "https://evilsuperoffice.com/Cust12345/api",
        "https://superoffice.com.evil.example/Cust12345/api",
        "https://online2.superoffice.com@evil.example/api",
        "https://ada:secret@online2.superoffice.com/api",
        "https://online2.superoffice.com/api?to=evil.example",
        "https://online2.superoffice.com/api#fragment",
        "https://evil.example\\.superoffice.com/api",
        "https://evil.example%2f.superoffice.com/api",
        "https://evil.example%00.superoffice.com/api",
        "https://evil example.superoffice.com/api",
        "https://.superoffice.com/api",
        "https://online2.superoffice.com../api",
        "https://online2.superoff\u0456ce.com/api",
        "https://online.superoffice.com/Cust12345/api",
        "https://SOD.superoffice.com./Cust12345/api",
        f"https://online2.superoffice.com/{'C' * 2000}/api",
    ],
)
def test_an_address_that_might_take_the_credential_elsewhere_is_refused(api: object) -> None:
    with pytest.raises(InvalidResponseError, match=r"allowed_domain \(superoffice.com\)") as caught:
        read(Api=api)
    assert "evil" not in str(caught.value)


def test_an_address_counts_only_where_the_tenant_is_served() -> None:
    assert "Suspended" in refusal(read(State="Suspended", IsRunning=False, Api=None))


@pytest.mark.parametrize(
    ("api", "is_taken"),
    [
        ("http://127.0.0.1:4711/Cust12345/api", True),
        ("http://127.0.0.1:4712/Cust12345/api", False),
        ("https://127.0.0.1:4711/Cust12345/api", False),
        ("http://1.127.0.0.1:4711/Cust12345/api", False),
        ("http://localhost:4711/Cust12345/api", False),
    ],
)
def test_the_allowed_domain_may_be_one_host(api: str, *, is_taken: bool) -> None:
    """As that of the sandbox is. Below an IP address there are no other hosts."""
    tenant = Tenant(online_url=URL("http://127.0.0.1:4711"), customer="Cust12345", allowed_domain="127.0.0.1")
    if is_taken:
        assert read(Api=api, tenant=tenant).base
        return
    with pytest.raises(InvalidResponseError):
        read(Api=api, tenant=tenant)


@pytest.mark.parametrize("body", [b"null", b"[]", b"", b"<html>", b'"Running"', b'{"State": "Runn'])
def test_what_is_no_answer_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        read_state(body, DriftLog(), tenant=TENANT, now=START)
