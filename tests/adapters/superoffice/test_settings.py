"""A SuperOffice source's table in the configuration."""

import pytest
from pydantic import ValidationError

from adapters.superoffice.settings import SuperOfficeSettings

BEARER = {"scheme": "bearer", "token": "8A:Cust1.secret"}
BASIC = {"scheme": "basic", "username": "svc", "password": "very-secret"}


def settings(base_url: str, auth: dict[str, str] = BEARER, **others: object) -> SuperOfficeSettings:
    return SuperOfficeSettings.model_validate({"kind": "superoffice", "base_url": base_url, "auth": auth, **others})


@pytest.mark.parametrize("tail", ["", "/", "//", "/api", "/api/", "/api/v1", "/api/v1/", "/API/V1/"])
def test_every_usual_spelling_of_the_base_url_means_the_same_api(tail: str) -> None:
    assert settings(f"https://online2.superoffice.com/Cust1{tail}").api_url == (
        "https://online2.superoffice.com/Cust1/api/v1"
    )


def test_an_installation_at_the_root_of_its_host_has_its_api_there() -> None:
    assert settings("http://crm.example.com").api_url == "http://crm.example.com/api/v1"


def test_only_whole_path_segments_are_taken_for_the_api() -> None:
    assert settings("https://crm.example.com/myapi").api_url == "https://crm.example.com/myapi/api/v1"


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
    with pytest.raises(ValidationError, match="'basic', 'bearer'"):
        settings("https://crm.example.com", {"scheme": "digest"})


@pytest.mark.parametrize("language", ["", "*", "x", "english", "en\r\nX-Evil: 1"])
def test_a_language_is_a_code(language: str) -> None:
    """`*` and `x` would switch translation off, and texts would come raw."""
    with pytest.raises(ValidationError, match="language"):
        settings("https://crm.example.com", language=language)


def test_secrets_are_in_no_repr_and_no_error() -> None:
    assert "secret" not in repr(settings("https://crm.example.com", BASIC)) + repr(settings("https://crm.example.com"))
    with pytest.raises(ValidationError) as caught:
        settings("https://online2.superoffice.com/Cust1", BASIC)
    assert "very-secret" not in str(caught.value)
