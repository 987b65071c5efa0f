"""What a source tells of its connection: where and how, and nothing that opens a door."""

from datetime import timedelta

import pytest
from yarl import URL

from adapters import errors
from adapters.simulation import Fault
from tests.adapters.conformance.credentials import scheme_of, secrets_of
from tests.clock import VirtualClock
from tests.running import Running, inquire


async def test_telling_its_connection_asks_nobody(running: Running) -> None:
    async with running.open() as source:
        assert scheme_of(running.simulator) == source.connection.credential_scheme
    assert 0 == running.control.asked


async def test_its_address_is_the_upstreams_and_its_credential_as_configured(running: Running) -> None:
    async with running.open() as source:
        await source.check(inquire(running.adapter.kind))
        connection = source.connection
    address, base = URL(connection.address), URL(running.base_url)
    assert (base.scheme, base.authority) == (address.scheme, address.authority)
    assert address.path.startswith(base.path)
    assert not {"?", "#"} & set(connection.address)
    assert scheme_of(running.simulator) == connection.credential_scheme


async def test_a_credential_ends_at_a_moment_in_utc_or_at_none_that_is_known(running: Running) -> None:
    async with running.open() as source:
        await source.check(inquire(running.adapter.kind))
        end = source.connection.credential_expire_time
    assert end is None or timedelta(0) == end.utcoffset()


async def test_neither_it_nor_its_settings_show_a_secret(running: Running) -> None:
    async with running.open() as source:
        await source.check(inquire(running.adapter.kind))
        shown = f"{source.connection!r} {source!r} {source} {running.settings()!r} {running.settings()}"
    assert not [secret for secret in secrets_of(running.simulator) if secret in shown]


@pytest.mark.parametrize("status", [401, 403, 421, 503])
async def test_it_is_told_also_after_the_upstream_has_refused(running: Running, status: int) -> None:
    running.control.faults.append(Fault(status=status))
    async with running.open(VirtualClock(flowing=True)) as source:
        with pytest.raises(errors.SourceError):
            await source.check(inquire(running.adapter.kind, VirtualClock(flowing=True)))
        assert scheme_of(running.simulator) == source.connection.credential_scheme
        assert not [secret for secret in secrets_of(running.simulator) if secret in repr(source.connection)]
