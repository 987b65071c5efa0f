"""What a request carries to prove who sends it (SuperOffice docs, "Authorization" and "HTTP headers")."""

from collections.abc import Mapping

from pydantic import SecretStr

from adapters.superoffice.schemes import SESSION_TOKEN, XsrfAuth

LONGEST = 8192
"""Characters of a secret that an upstream has answered. Servers refuse headers that are longer, most much earlier."""


def ticket_headers(ticket: SecretStr, app_token: SecretStr | None) -> Mapping[str, str]:
    """A ticket goes as it is: it is in base64 already. Online wants the application's secret beside it."""
    headers = {"Authorization": f"SOTicket {ticket.get_secret_value()}"}
    if app_token is not None:
        headers["SO-AppToken"] = app_token.get_secret_value()
    return headers


def session_headers(auth: XsrfAuth) -> Mapping[str, str]:
    """The session's cookies and its token. Its cookie goes along even if it was not configured, as with a browser."""
    cookie, token = auth.cookie.get_secret_value(), auth.xsrf_token.get_secret_value()
    if auth.session_token is None:
        cookie = f"{cookie}; {SESSION_TOKEN}={token}"
    return {"Cookie": cookie, "X-XSRF-TOKEN": token}


def sendable(secret: str | None) -> SecretStr | None:
    """A secret that an upstream has answered, if a header can carry it as it is."""
    if not secret or len(secret) > LONGEST or not all("!" <= character <= "~" for character in secret):
        return None
    return SecretStr(secret)
