"""The name of a host, as far as it can be judged without looking it up."""


def check_host(host: str | None) -> None:
    """Find out at the start what no lookup would ever find.

    Raises:
        ValueError: DNS cannot hold such a name (RFC 1035, section 2.3.4).
    """
    try:
        (host or "").removesuffix(".").encode("idna")
    except UnicodeError:
        raise ValueError("must have a host whose labels, between its dots, have 1 to 63 characters") from None
