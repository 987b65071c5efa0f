"""What SuperOffice is asked for."""

import pytest

from adapters.superoffice.metrics import COUNTERS
from adapters.superoffice.selection import (
    CHEAPEST,
    EVERYTHING,
    LICENSE_MEMBERS,
    PROPERTIES,
    for_account,
    for_metrics,
)
from tests.adapters.superoffice.golden import read_golden
from unified.analytics.v1.account_pb2 import Account, License


def paths_of_account() -> list[str]:
    """Every path that a caller may name."""
    members = [f"license.{name}" for name in License.DESCRIPTOR.fields_by_name]
    return [*Account.DESCRIPTOR.fields_by_name, *members]


def test_the_properties_are_those_of_the_documentation_in_its_order() -> None:
    documented = list(dict.fromkeys(row.name.partition("/")[0] for row in read_golden()))
    assert documented == list(PROPERTIES)
    assert 51 == len(PROPERTIES)


def test_some_metrics_ask_for_their_counters_only() -> None:
    assert ("NumSale", "TotContact") == for_metrics(frozenset({"superoffice.contacts", "superoffice.user.sales"}))


def test_all_metrics_ask_for_everything() -> None:
    assert EVERYTHING == for_metrics(frozenset(COUNTERS)) == for_account(frozenset())


def test_a_path_asks_for_what_stands_behind_it() -> None:
    assert ("Email", "FeatureToggles") == for_account(frozenset({"feature_toggles", "email"}))


def test_a_member_of_the_licence_is_asked_for_alone() -> None:
    assert ("LicenseStatus/ExpiryDate",) == for_account(frozenset({"license.expiry_time"}))


@pytest.mark.parametrize("path", ["license.expiry_time.seconds", "sign_up_time.nanos"])
def test_a_part_of_a_time_asks_for_the_time(path: str) -> None:
    assert for_account(frozenset({path.rpartition(".")[0]})) == for_account(frozenset({path}))


def test_the_state_of_the_licence_needs_its_three_dates() -> None:
    assert LICENSE_MEMBERS[:3] == for_account(frozenset({"license.state"}))


def test_the_whole_licence_leaves_no_member_to_ask_for() -> None:
    assert ("LicenseStatus",) == for_account(frozenset({"license", "license.expiry_time"}))


@pytest.mark.parametrize("path", ["source", "observe_time", "unset_fields", "license.unset_fields"])
def test_what_needs_nothing_still_observes(path: str) -> None:
    assert CHEAPEST == for_account(frozenset({path}))


@pytest.mark.parametrize("path", paths_of_account())
def test_every_path_of_an_account_is_known_and_asks_for_something_that_exists(path: str) -> None:
    assert set(for_account(frozenset({path}))) <= {*PROPERTIES, *LICENSE_MEMBERS}
