"""Credentials in the forms that several upstreams share."""

import pytest
from pydantic import ValidationError

from adapters.transport import BasicAuth, BearerAuth


def test_basic_credentials_are_sent_in_base64_of_their_utf8() -> None:
    auth = BasicAuth.model_validate({"scheme": "basic", "username": "Aladdin", "password": "open:sésame"})

    assert auth.credential().fixed == {"Authorization": "Basic QWxhZGRpbjpvcGVuOnPDqXNhbWU="}


def test_a_token_is_sent_as_it_is() -> None:
    auth = BearerAuth.model_validate({"scheme": "bearer", "token": "8A:Cust12345.AGYA+/=="})

    assert auth.credential().fixed == {"Authorization": "Bearer 8A:Cust12345.AGYA+/=="}


@pytest.mark.parametrize("token", ["", "abc\n", "a b", "a\r\nX-Admin: 1", "tökén", "a\x00"])
def test_a_token_that_no_header_can_carry_is_refused(token: str) -> None:
    with pytest.raises(ValidationError, match="printable ASCII"):
        BearerAuth.model_validate({"scheme": "bearer", "token": token})


@pytest.mark.parametrize("username", ["", "user:name"])
def test_a_user_name_that_could_not_be_told_from_the_password_is_refused(username: str) -> None:
    with pytest.raises(ValidationError, match="username"):
        BasicAuth.model_validate({"scheme": "basic", "username": username, "password": "x"})
