"""Where requests go, also when the upstream may move."""

from typing import Protocol

from yarl import URL

from adapters.inquiry import Inquiry


class Address(Protocol):
    """Tells where an upstream is."""

    @property
    def shown(self) -> str:
        """The present one as a URL without user, query or fragment; empty while it is not known."""
        ...

    async def base(self, inquiry: Inquiry) -> URL:
        """The URL that a request's path is appended to.

        Raises:
            SourceError: it could not be found out.
        """
        ...

    async def moved(self, left: URL, inquiry: Inquiry) -> bool:
        """The host of `left` does not serve us any more (421). Whether `base` is another now.

        Raises:
            SourceError: it could not be found out.
        """
        ...


class FixedAddress:
    """An address that only the operator can change."""

    def __init__(self, url: str) -> None:
        """Stay at `url`, which the settings have checked."""
        self._base = URL(url)

    @property
    def shown(self) -> str:
        """The URL, without a slash at its end."""
        return str(self._base).rstrip("/")

    async def base(self, inquiry: Inquiry) -> URL:
        """Always the same."""
        del inquiry
        return self._base

    async def moved(self, left: URL, inquiry: Inquiry) -> bool:
        """There is no other."""
        del left, inquiry
        return False
