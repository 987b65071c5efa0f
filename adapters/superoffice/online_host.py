"""Failures of the host that signs in and tells where tenants are, told so that nobody looks for them elsewhere."""

from adapters.errors import SourceError


def told_of_online_host(error: SourceError, what: str) -> SourceError:
    """The same failure with `what` in front: what was wanted of that host, and not got.

    Its class and the wait stay. The address that its text may call wrong is `online_url`, the only one there is of it.
    """
    said = str(error).replace("base_url", "online_url")
    return type(error)(f"{what} {said}", retry_after=error.retry_after)
