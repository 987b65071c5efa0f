"""What field masks mean."""

import pytest

from gateway.pipeline.errors import InvalidRequestError
from gateway.services.masks import account_paths, overview_parts
from unified.analytics.v1.outcome_pb2 import PART_EVENTS, PART_METRICS, PART_TIME_SERIES


def test_a_mask_names_the_parts_of_an_overview() -> None:
    assert overview_parts(["metrics", "time_series"]) == {PART_METRICS, PART_TIME_SERIES}
    assert overview_parts(["events"]) == {PART_EVENTS}
    assert overview_parts([]) == frozenset()


@pytest.mark.parametrize("path", ["metrics.value", "outcomes", "", "Metrics"])
def test_what_is_no_part_of_an_overview_is_named_with_what_is(path: str) -> None:
    with pytest.raises(
        InvalidRequestError, match=r"read_mask: .*; there are: metrics, time_series, rankings, accounts"
    ):
        overview_parts(["metrics", path])


def test_a_mask_names_the_fields_of_an_account() -> None:
    paths = ["license.expiry_time", "feature_toggles", "license"]

    assert account_paths(paths) == set(paths)


def test_no_path_is_all_of_an_account() -> None:
    assert account_paths([]) == frozenset()


@pytest.mark.parametrize("path", ["licence", "license.", "license.colour", "", ".", "Name"])
def test_a_field_that_an_account_has_not_is_named_with_those_that_it_has(path: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"read_mask: .* is unknown; there are: .*(country_code|expiry_time)"):
        account_paths(["name", path])


@pytest.mark.parametrize(
    "path", ["sign_up_time.seconds", "preferences.dark_mode", "system_license_names.0", "name.first"]
)
def test_times_maps_and_lists_are_wanted_whole(path: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"has no fields of its own"):
        account_paths([path])


def test_an_endless_path_is_not_repeated_in_the_error() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        account_paths(["x" * 10_000])

    assert len(str(refused.value)) < 1000
