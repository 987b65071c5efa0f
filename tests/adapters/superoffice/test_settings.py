"""A SuperOffice source's table in the configuration."""

import pytest
from pydantic import ValidationError

from adapters.superoffice.settings import SuperOfficeSettings
from adapters.superoffice.simulated.system_users import private_key

BEARER = {"scheme": "bearer", "token": "8A:Cust1.secret"}
BASIC = {"scheme": "basic", "username": "svc", "password": "very-secret"}
TICKET = {"scheme": "ticket", "ticket": "7T:secret=="}
XSRF = {"scheme": "xsrf", "cookie": "sid=very-secret; theme=dark", "xsrf_token": "secret"}
OAUTH = {"scheme": "oauth", "client_id": "app", "client_secret": "very-secret", "refresh_token": "more-secret"}
SYSTEM_USER = {
    "scheme": "system-user",
    "client_secret": "very-secret",
    "system_user_token": "Analytics Gateway-secret",
    "private_key": private_key(),
}
ONLINE = "https://online2.superoffice.com/Cust1"
ONSITE = "https://crm.example.com/crm"


def settings(base_url: str | None, auth: dict[str, str] = BEARER, /, **others: object) -> SuperOfficeSettings:
    table = {"kind": "superoffice", "auth": auth, **others}
    return SuperOfficeSettings.model_validate(table if base_url is None else {**table, "base_url": base_url})


def refusal(base_url: str | None, auth: dict[str, str] = BEARER, /, **others: object) -> str:
    """What is said of a table that is wrong."""
    with pytest.raises(ValidationError) as caught:
        settings(base_url, auth, **others)
    return str(caught.value)


@pytest.mark.parametrize("tail", ["", "/", "//", "/api", "/api/", "/api/v1", "/api/v1/", "/API/V1/"])
def test_every_usual_spelling_of_the_base_url_means_the_same_api(tail: str) -> None:
    assert settings(f"https://online2.superoffice.com/Cust1{tail}").api_url == (
        "https://online2.superoffice.com/Cust1/api/v1"
    )


def test_an_installation_at_the_root_of_its_host_has_its_api_there() -> None:
    assert settings("http://crm.example.com").api_url == "http://crm.example.com/api/v1"


def test_only_whole_path_segments_are_taken_for_the_api() -> None:
    assert settings("https://crm.example.com/myapi").api_url == "https://crm.example.com/myapi/api/v1"


def test_a_credential_does_not_cross_the_internet_in_the_clear() -> None:
    with pytest.raises(ValidationError, match=r"must be https: online2\.superoffice\.com is on the internet"):
        settings("http://online2.superoffice.com/Cust12345")


@pytest.mark.parametrize("host", ["online.superoffice.com", "SOD.superoffice.com", "qaonline.superoffice.com."])
def test_a_host_that_only_authenticates_is_refused_by_name(host: str) -> None:
    with pytest.raises(ValidationError, match="serves authentication only; give the tenant's numbered host"):
        settings(f"https://{host}/Cust1")


def test_basic_is_for_installations_on_site() -> None:
    assert settings("https://crm.example.com/crm", BASIC).auth.scheme == "basic"


@pytest.mark.parametrize("host", ["online2.superoffice.com", "Online2.SuperOffice.com.", "superoffice.com"])
def test_quirk_13_basic_is_never_valid_online(host: str) -> None:
    with pytest.raises(ValidationError, match="basic is never accepted by SuperOffice Online"):
        settings(f"https://{host}/Cust1", BASIC)


def test_a_host_that_only_ends_alike_is_not_superoffice_online() -> None:
    assert settings("https://notsuperoffice.com/crm", BASIC).api_url == "https://notsuperoffice.com/crm/api/v1"


def test_an_unknown_scheme_is_named_with_those_that_exist() -> None:
    said = refusal("https://crm.example.com", {"scheme": "digest"})
    assert "'basic', 'bearer', 'ticket', 'xsrf', 'oauth', 'system-user'" in said


@pytest.mark.parametrize("language", ["", "*", "x", "english", "en\r\nX-Evil: 1"])
def test_a_language_is_a_code(language: str) -> None:
    """`*` and `x` would switch translation off, and texts would come raw."""
    with pytest.raises(ValidationError, match="language"):
        settings("https://crm.example.com", language=language)


@pytest.mark.parametrize("auth", [BEARER, BASIC, TICKET, XSRF, OAUTH, SYSTEM_USER], ids=lambda auth: auth["scheme"])
def test_secrets_are_in_no_repr_and_no_error(auth: dict[str, str]) -> None:
    told = settings(ONSITE, auth, **needed(auth))
    assert "secret" not in (repr(told) + told.model_dump_json()).replace("client_secret", "")
    for key, value in auth.items():
        said = refusal(ONSITE, {**auth, key: f"{value}\n\x00", "tokn": value})
        assert "secret" not in said.replace("client_secret", "")
        assert private_key()[100:150] not in said


def needed(auth: dict[str, str]) -> dict[str, str]:
    """What a scheme needs besides, where the address does not tell it."""
    if auth["scheme"] not in {"oauth", "system-user"}:
        return {}
    return {"environment": "online"} | ({"customer": "Cust1"} if auth["scheme"] == "system-user" else {})


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        ("sod", "https://sod.superoffice.com"),
        ("qaonline", "https://qaonline.superoffice.com"),
        ("online", "https://online.superoffice.com"),
    ],
)
def test_a_tenant_of_online_needs_no_address(environment: str, host: str) -> None:
    told = settings(None, environment=environment, customer="Cust12345")
    assert (None, host, "Cust12345", True) == (told.api_url, told.online_host, told.tenant, told.is_online)
    assert "superoffice.com" == told.allowed_domain


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "base_url: missing; give it, or environment and customer"),
        ({"environment": "online"}, "customer: missing; without base_url"),
        ({"online_url": "http://127.0.0.1:9001"}, "customer: missing; without base_url"),
        ({"customer": "Cust1"}, "environment: missing; without base_url"),
    ],
)
def test_without_an_address_both_are_needed(given: dict[str, str], told: str) -> None:
    assert told in refusal(None, **given)


def test_the_host_that_tells_addresses_may_be_another() -> None:
    told = settings(None, online_url="http://127.0.0.1:9001/", customer="Cust1", allowed_domain="Mirror.Example.COM")
    assert ("http://127.0.0.1:9001", "mirror.example.com") == (told.online_host, told.allowed_domain)


@pytest.mark.parametrize("key", ["environment", "customer", "online_url"])
def test_a_key_that_says_nothing_beside_the_address_is_named(key: str) -> None:
    value = {"environment": "online", "customer": "Cust1", "online_url": "https://online.superoffice.com"}[key]
    assert f"{key}: says nothing beside base_url with auth.scheme bearer" in refusal(ONLINE, **{key: value})
    if key == "customer":
        assert "with auth.scheme oauth" in refusal(ONLINE, OAUTH, customer="Cust1")


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("environment", "stage", "'sod', 'qaonline' or 'online'"),
        ("customer", "Cust 1", "should match pattern"),
        ("customer", "../login", "should match pattern"),
        ("allowed_domain", ".superoffice.com", "should match pattern"),
        ("allowed_domain", "a/b", "should match pattern"),
        ("online_url", "https://u:p@x.example", "must not hold a user"),
    ],
)
def test_each_key_has_its_form(key: str, value: str, why: str) -> None:
    assert why in refusal(None, **{"environment": "online", "customer": "Cust1", key: value})


@pytest.mark.parametrize("auth", [OAUTH, SYSTEM_USER], ids=lambda auth: auth["scheme"])
def test_the_address_of_a_tenant_of_online_says_where_to_sign_in(auth: dict[str, str]) -> None:
    for environment in ("sod", "qaonline", "online"):
        told = settings(f"https://{environment}2.superoffice.com/Cust12345/api/", auth)
        assert (f"https://{environment}.superoffice.com", "Cust12345") == (told.online_host, told.tenant)


def test_another_address_does_not_say_where_to_sign_in() -> None:
    for auth in (OAUTH, SYSTEM_USER):
        assert f"environment: missing; auth.scheme {auth['scheme']} signs in there" in refusal(ONSITE, auth)
    assert "customer: missing; auth.scheme system-user" in refusal(ONSITE, SYSTEM_USER, environment="online")
    assert "customer: missing" in refusal("https://online2.superoffice.com/api/v1", SYSTEM_USER)


@pytest.mark.parametrize(
    ("key", "value", "implied"), [("environment", "sod", "online"), ("customer", "Cust2", "Cust1")]
)
def test_what_contradicts_the_address_is_told(key: str, value: str, implied: str) -> None:
    assert f"{key}: is {value}, but base_url says {implied}" in refusal(ONLINE, SYSTEM_USER, **{key: value})


def test_what_repeats_the_address_is_taken() -> None:
    told = settings(ONLINE, SYSTEM_USER, environment="online", customer="cust1")
    assert ("https://online.superoffice.com", "cust1") == (told.online_host, told.tenant)


def test_quirk_13_basic_is_never_valid_for_a_tenant_without_an_address() -> None:
    said = refusal(None, BASIC, environment="online", customer="Cust1")
    assert "auth.scheme basic is never accepted by SuperOffice Online (environment)" in said


def test_quirk_13_a_ticket_needs_the_applications_secret_online() -> None:
    assert "auth.app_token: missing" in refusal(ONLINE, TICKET)
    assert "auth.app_token: missing" in refusal(None, TICKET, environment="online", customer="Cust1")
    assert "ticket" == settings(ONLINE, {**TICKET, "app_token": "x"}).auth.scheme
    assert "ticket" == settings(ONSITE, TICKET).auth.scheme


@pytest.mark.parametrize(
    "cookie", ["", "sid", "=x", "sid=1;", "sid=1\r\nX: y", "sid=a b", "Cookie: sid=1", "sid=1, b=2"]
)
def test_cookies_are_written_as_in_their_header(cookie: str) -> None:
    assert "must be the value of the header Cookie" in refusal(ONSITE, {**XSRF, "cookie": cookie})


@pytest.mark.parametrize("cookie", ["sid=1", "sid=", "a=1; b=2;c=3", 'a="1"; ASP.NET_SessionId=x==', "a=b%3D"])
def test_any_number_of_cookies_is_taken(cookie: str) -> None:
    assert "xsrf" == settings(ONSITE, {**XSRF, "cookie": cookie}).auth.scheme


def test_cookie_and_token_of_two_sessions_are_told_apart() -> None:
    said = refusal(ONSITE, {**XSRF, "cookie": "sid=1; XSRF-TOKEN=old"})
    assert "auth.xsrf_token: is not that of auth.cookie's XSRF-TOKEN" in said


@pytest.mark.parametrize("token", ["", " x", "x ", "a\nb", "a\tb"])
def test_a_system_user_token_that_was_copied_badly_is_refused(token: str) -> None:
    assert "must not be empty, begin or end with a space" in refusal(
        ONLINE, {**SYSTEM_USER, "system_user_token": token}
    )


@pytest.mark.parametrize("key", ["/run/secrets/key.pem", "<RSAKeyValue></RSAKeyValue>"])
def test_a_private_key_is_read_at_once(key: str) -> None:
    assert "private_key" in refusal(ONLINE, {**SYSTEM_USER, "private_key": key})


@pytest.mark.parametrize("auth", [TICKET, XSRF, OAUTH, SYSTEM_USER], ids=lambda auth: auth["scheme"])
def test_each_scheme_has_its_keys_and_no_others(auth: dict[str, str]) -> None:
    for key in auth.keys() - {"scheme"}:
        said = refusal(ONSITE, {name: value for name, value in auth.items() if name != key}, **needed(auth))
        assert f"auth.{auth['scheme']}.{key}" in said
    assert "Extra inputs are not permitted" in refusal(ONSITE, {**auth, "tokn": "x"}, **needed(auth))
