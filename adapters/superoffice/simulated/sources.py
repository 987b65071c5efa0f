"""The configuration tables that point a source at the played SuperOffice, one for each scheme. All is fictional."""

from urllib.parse import urlsplit

from adapters.superoffice.simulated.credentials import (
    CLIENT_SECRET,
    COOKIE,
    PASSWORD,
    TICKET,
    TOKEN,
    USERNAME,
    XSRF_TOKEN,
)
from adapters.superoffice.simulated.system_users import SYSTEM_USER_TOKEN, private_key
from adapters.superoffice.simulated.token_endpoint import CLIENT_ID, REFRESH_TOKEN

CUSTOMER = "Cust12345"


def source_tables(base_url: str) -> dict[str, dict[str, object]]:
    """By scheme, for the simulator that is served at `base_url`. `basic` needs the switch `environment` at `onsite`."""
    address = urlsplit(base_url)
    online = {"online_url": f"{address.scheme}://{address.netloc}"}
    schemes: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        "basic": ({"username": USERNAME, "password": PASSWORD}, {}),
        "bearer": ({"token": TOKEN}, {}),
        "ticket": ({"ticket": TICKET, "app_token": CLIENT_SECRET}, {}),
        "xsrf": ({"cookie": COOKIE, "xsrf_token": XSRF_TOKEN}, {}),
        "oauth": (
            {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN},
            online,
        ),
        "system-user": (
            {
                "client_secret": CLIENT_SECRET,
                "system_user_token": SYSTEM_USER_TOKEN,
                "private_key": private_key(),
            },
            {**online, "customer": CUSTOMER},
        ),
    }
    return {
        scheme: {"kind": "superoffice", "base_url": base_url, "auth": {"scheme": scheme, **auth}, **others}
        for scheme, (auth, others) in schemes.items()
    }
