"""Whatever SuperOffice answers is an error of the source, or an answer that the contract can tell."""

import json
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.drift import DriftLog
from adapters.errors import SourceError
from adapters.superoffice.answer import read_answer
from adapters.superoffice.mapping import to_account, to_metrics
from adapters.superoffice.metrics import COUNTERS
from adapters.superoffice.selection import EVERYTHING, PROPERTIES
from tests.adapters.superoffice.golden import golden_body, golden_data

NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["0001-01-01T00:00:00+02:00"])
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def tell(body: bytes) -> tuple[dict[str, float], set[object]]:
    """Put the answer through all that an answer goes through; give the values, and the account's texts and number."""
    try:
        data = read_answer(body, DriftLog(), selected=EVERYTHING)
    except SourceError:
        return {}, set()
    account = to_account("crm", data, (), NOW)
    account.SerializeToString()
    rows = to_metrics("crm", data, COUNTERS, NOW)
    values = {COUNTERS[row.metric].field: row.value for row in rows if row.HasField("value")}
    return values, {value for _, value in account.ListFields() if isinstance(value, str | int)}


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(PROPERTIES), JSON, max_size=6))
@example({"LicenseStatus": {"ExpiryDate": "\ud800", "UserLicenses": ["\ud800"]}, "Preferences": {"\ud800": True}})
@example({"TotContact": 10**400, "FileVersionNumber": 2**63, "UserSignedUpAt": "9999-12-31T23:59:59-23:59"})
@example({"HasLicensce": [{"Key": "A", "Value": True}, {"Key": 1}, None, {}], "LicenseStatus": []})
def test_odd_values_cost_themselves_and_no_value_is_invented(changes: dict[str, object]) -> None:
    values, texts = tell(golden_body(changes))
    sent = golden_data() | changes
    assert all(value == sent[field] for field, value in values.items())
    expected = {value for value in sent.values() if isinstance(value, str | int)}
    assert {text for text in texts - {"crm"} if "\ufffd" not in str(text)} <= expected


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_an_answer_that_is_cut_short_is_no_answer(data: st.DataObject) -> None:
    whole = golden_body()
    values, texts = tell(whole[: data.draw(st.integers(0, len(whole) - 1))])
    assert ({}, set()) == (values, texts)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40), st.data())
def test_bytes_gone_wrong_never_crash(noise: bytes, data: st.DataObject) -> None:
    whole = golden_body()
    place = data.draw(st.integers(0, len(whole)))
    tell(whole[:place] + noise + whole[place + len(noise) :])


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_at_all_never_crashes(answer: object) -> None:
    tell(json.dumps(answer).encode())
