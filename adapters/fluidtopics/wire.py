"""What Fluid Topics is sent and sends, in its own spelling.

Fluid Topics API reference guide, Analytics: "Retrieve events" and "Events count". A field without a default is one
that the reference promises; one with a default may be missing without anything being wrong. Any field may be null.

What comes by the hundred is not tracked by the garbage collector: no part of an answer refers back to the whole.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

Count = Annotated[int, Meta(ge=0, le=10**12)]
"""How many events there are. A trillion is out of reach for any portal, and whatever is summed up of less fits."""


class UserFilter(Struct, omit_defaults=True, frozen=True):
    """`filters.user` of a request. The lists are named in the singular here, in the plural in the answers (sic)."""

    id: tuple[str, ...] = ()
    realm: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    role: tuple[str, ...] = ()


class Filters(Struct, omit_defaults=True, frozen=True):
    """`filters` of a request; an empty list is left out."""

    name: tuple[str, ...] = ()
    user: UserFilter | UnsetType = UNSET


class Paging(Struct, rename="camel", frozen=True):
    """`paging` of a request; both are required. Without it everything may come in one page."""

    page: int
    per_page: int


class EventsRequest(Struct, rename="camel", omit_defaults=True, frozen=True):
    """The body of `POST /analytics/api/v1/events`."""

    start_date: str
    end_date: str
    paging: Paging
    sort_order: str
    filters: Filters | UnsetType = UNSET


class CountsRequest(Struct, rename="camel", omit_defaults=True, frozen=True):
    """The body of `POST /analytics/api/v1/traffic/event-counts`, which knows no other filter than names."""

    start_date: str
    end_date: str
    group_by_period: str
    filters: Filters | UnsetType = UNSET


class User(Struct, gc=False):
    """Who did it."""

    id: str | int | None = None
    realm: str | list[str] | None = None
    groups: list[str] | None = None
    roles: list[str] | None = None


class Event(Struct, rename="camel", gc=False):
    """One event. Only these three are promised: events born in a server have no browser, and anonymous ones no user."""

    id: str | None
    name: str | None
    datetime: int | float | str | None
    app_name: str | None = None
    app_version: str | None = None
    content_locale: str | None = None
    ui_locale: str | None = None
    offline: bool | None = None
    parameters: Raw = Raw()
    session_id: str | None = None
    tenant_id: str | None = None
    user: Raw = Raw()
    """`User`, a list of them, or nothing; `People` reads it."""
    user_agent: str | None = None
    user_ip: str | None = None
    # Newer releases list these, and the user's fields flat.
    version: str | int | float | None = None
    bot: bool | None = None
    analytics_session_id: str | None = None
    internal: bool | None = None
    user_id: str | int | None = None
    user_realm: str | list[str] | None = None
    user_groups: list[str] | None = None
    user_roles: list[str] | None = None


class PagingEcho(Struct, rename="camel"):
    """`paging` of an answer. `totalCount` is in the reference's example and not in its table."""

    last_page: bool | None
    page: int | None = None
    per_page: int | None = None
    total_count: Count | None = None


class EventsAnswer(Struct, rename="camel"):
    """The answer of `events`."""

    start_date: str | None
    end_date: str | None
    paging: PagingEcho | None
    results: list[Event] | None


class PeriodCount(Struct, rename="camel", gc=False):
    """One name's events in one period. Whether `periodEndDate` is inclusive is not uniform; nothing relies on it."""

    period_start_date: str | None
    event_count: Count | None
    period_end_date: str | None = None


class NameCount(Struct, gc=False):
    """One name's events."""

    name: str | None
    periods: list[PeriodCount] | None


class CountsAnswer(Struct, rename="camel"):
    """The answer of `event-counts`. Older releases echo `groupByPeriod`."""

    start_date: str | None
    end_date: str | None
    results: list[NameCount] | None
    group_by_period: str | None = None


class SearchQuery(Struct):
    """`parameters.searchQuery`, as far as rankings need it."""

    terms: str | None = None


class SearchParameters(Struct, rename="camel"):
    """`parameters` of `khub.search`, as far as rankings need it."""

    search_query: SearchQuery | None = None
