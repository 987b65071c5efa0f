"""What is said of a credential whose scheme is named like one of its keys, or is not known."""

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


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("superoffice", "input should be 'basic', 'bearer', 'ticket', 'xsrf', 'oauth' or 'system-user'"),
        ("fluidtopics", "input should be 'basic' or 'bearer'"),
        ("zylon", "input should be 'bearer'"),
    ],
)
@pytest.mark.parametrize("wrong", ['scheme = "hunter2"', "scheme = 5", ""])
def test_a_scheme_that_is_missing_or_not_known_is_what_is_named(
    tmp_path: Path, kind: str, named: str, wrong: str
) -> None:
    org = 'org = "auroralabs"' if kind == "zylon" else ""
    table = f'[sources.one]\nkind = "{kind}"\nbase_url = "https://one.example.com"\n{org}\n'
    rest = 'token = "hunter2"'
    told = complaint(tmp_path, f"{table}auth = {{ {', '.join(filter(None, (wrong, rest)))} }}")

    assert told == f"sources.one.auth.scheme: {named if wrong else 'missing'}"
