"""What is said of a credential whose scheme is named like one of its keys."""

from pathlib import Path

import pytest

from tests.gateway.settings.loading import complaint

CRM = """
    [sources.crm]
    kind = "superoffice"
    base_url = "https://online2.superoffice.com/Cust12345"
    auth = { scheme = "ticket", ticket = "7T:hunter2", app_token = "hunter2" }
"""


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('ticket = "7T:hunter2", ', "", "sources.crm.auth.ticket: missing;"),
        ("7T:hunter2", "7T hunter2", "sources.crm.auth.ticket: must not be empty"),
        ("app_token", "app_tken", 'sources.crm.auth.app_tken: unknown key; did you mean "app_token"?'),
        (', app_token = "hunter2"', "", "sources.crm.auth.app_token: missing; SuperOffice Online"),
    ],
)
def test_the_key_is_named_and_not_the_scheme(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    told = complaint(tmp_path, CRM.replace(right, wrong))

    assert told.startswith(said)
    assert "hunter2" not in told
