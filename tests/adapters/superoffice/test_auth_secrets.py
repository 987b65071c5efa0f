"""Whatever fails, no part of any credential gets into an error, a repr, a log line or what is told of a source."""

import asyncio
import logging
import traceback
from collections.abc import Mapping

import msgspec
import pytest
from structlog.testing import capture_logs

from adapters.drift import DriftLog
from adapters.errors import SourceError
from adapters.simulation import Fault
from adapters.superoffice.auth.wire import Claims, SystemUserAnswer, TokenAnswer
from adapters.superoffice.client import SuperOfficeSource
from adapters.superoffice.settings import SuperOfficeSettings
from adapters.superoffice.simulated.sources import source_tables
from adapters.transport import TolerantDecoder
from tests.adapters.superoffice.entrance import RENEWED, SCHEMES, Entrance
from tests.running import inquire

# What the simulator issues begins so; so does a part of what it answers.
ISSUED = ("8A:", "7T:", "eyJ", "ada.berg", "-----BEGIN", "No application", "Amplitude")

SIGN_IN = "/[Ll]ogin/*"
DATA = "*/GetAnalyticsData"
FAULTS: list[Fault | None] = [
    *(Fault(path=path, status=status) for path in (SIGN_IN, DATA) for status in (302, 400, 401, 403, 404, 429, 500)),
    *(Fault(path=SIGN_IN, mode=mode) for mode in ("cut", "truncate", "invalid-json", "not-json", "null", "empty")),
    Fault(path=SIGN_IN, mode="wrong-types"),
    Fault(path="*/jwks", mode="not-json"),
    Fault(path="*/jwks", mode="wrong-types"),
    None,
]
MOODS: list[dict[str, str]] = [
    {"credential": "expired"},
    {"credential": "revoked"},
    {"credential": "revoked", "refusal": "403"},
]
FORGERIES = [
    {"jwt": value} for value in ("unpublished-key", "unsigned", "hmac", "other-issuer", "expired", "no-ticket")
]


def secrets(entrance: Entrance, scheme: str) -> set[str]:
    """Every secret of a scheme, and each line of a private key."""
    auth = source_tables(entrance.base_url)[scheme]["auth"]
    assert isinstance(auth, dict)
    hidden = {value for key, value in auth.items() if key not in {"scheme", "username", "client_id"}}
    return {line for secret in hidden for line in secret.splitlines()}


def assert_clean(text: str, hidden: set[str]) -> None:
    assert [] == [secret for secret in (*hidden, *ISSUED) if secret in text]


async def failure(entrance: Entrance, source: SuperOfficeSource) -> str:
    """All that can be seen of how a question goes."""
    inquiry = inquire("crm", entrance.clock)
    try:
        await source.check(inquiry)
    except SourceError as error:
        return "".join((str(error), repr(error), repr(inquiry), *traceback.format_exception(error)))
    return repr(inquiry)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_no_failure_tells_a_secret(entrance: Entrance, scheme: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    hidden, settings = secrets(entrance, scheme), entrance.settings(scheme)
    with capture_logs() as logs:
        for fault in FAULTS:
            for switches in (*MOODS, *FORGERIES) if fault is None else ({},):
                assert_clean(await one_life(entrance, settings, fault, switches), hidden)
    assert_clean(repr(logs) + caplog.text, hidden)


async def one_life(
    entrance: Entrance, settings: SuperOfficeSettings, fault: Fault | None, switches: Mapping[str, str]
) -> str:
    """A source that fails from the start, and one that fails on the way: all that can be seen of both."""
    seen = []
    for signs_in_first in (False, True):
        entrance.control.reset()
        entrance.control.switches["environment"] = "onsite" if settings.auth.scheme == "basic" else "sod"
        async with entrance.opened(settings) as source:
            if signs_in_first:
                await entrance.check(source)
                await entrance.clock.advance(60)
            entrance.control.faults.extend([fault] if fault else [])
            entrance.control.switches.update(switches)
            seen.append(await failure(entrance, source))
            seen.append(repr([source, vars(source), source.connection]))
    return "".join(seen)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_settings_and_credentials_show_none(entrance: Entrance, scheme: str) -> None:
    settings = entrance.settings(scheme)
    async with entrance.credential(settings) as credential:
        await credential.headers(inquire("crm", entrance.clock))
        shown = [settings, settings.auth, credential, vars(credential) if hasattr(credential, "__dict__") else ""]
        assert_clean(f"{shown} {settings} {settings.auth}{settings.model_dump_json()}", secrets(entrance, scheme))


@pytest.mark.parametrize("scheme", RENEWED)
async def test_an_answer_full_of_secrets_is_not_repeated(entrance: Entrance, scheme: str) -> None:
    answer = {"access_token": "8A:a b", "Token": "eyJ.eyJ.eyJ", "error": "8A:x", "IsSuccessful": True}
    entrance.control.rewrite = lambda _: msgspec.json.encode(answer)
    async with entrance.source(scheme) as source:
        assert_clean(await failure(entrance, source), secrets(entrance, scheme))


@pytest.mark.parametrize("answer", [TokenAnswer, SystemUserAnswer, Claims])
@pytest.mark.parametrize("odd", [b"", b', "more": 1'])
def test_what_was_answered_shows_none(answer: type[msgspec.Struct], odd: bytes) -> None:
    """Neither as it was read, nor as it was repaired."""
    secret = msgspec.structs.fields(answer)[-1].encode_name.encode()
    read = TolerantDecoder(answer)(b'{"%s": "s3cret"%s}' % (secret, odd), DriftLog())
    assert "s3cret" in msgspec.structs.astuple(read)
    assert_clean(repr(read) + str(read), {"s3cret"})


async def test_a_task_that_waits_shows_none(entrance: Entrance) -> None:
    """A loop in debug mode, and a monitor, print tasks."""
    entrance.control.faults.append(Fault(path=SIGN_IN, mode="hang"))
    async with entrance.source("oauth") as source:
        asking = asyncio.create_task(source.check(inquire("crm", entrance.clock)))
        await entrance.control.until(lambda control: control.asked == 1)
        assert_clean(repr(asyncio.all_tasks()), secrets(entrance, "oauth"))
        asking.cancel()
        await entrance.control.until(lambda control: control.closed_early == 1)
