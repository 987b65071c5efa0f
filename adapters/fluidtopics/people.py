"""Reads users, in whichever of their shapes, each spelling of one only once. Does no I/O."""

from adapters.drift import DriftKind, DriftLog
from adapters.errors import InvalidResponseError
from adapters.fluidtopics import wire
from adapters.transport import TolerantDecoder
from unified.analytics.v1.user_pb2 import User

MOST_KEPT = 10_000
"""Users kept at most; then we begin anew."""

LONGEST_KEPT = 4096
"""Bytes of a user's text; one of about a kilobyte is usual, and longer ones are read anew each time."""

_PATH = "results[].user"
_one = TolerantDecoder(wire.User, _PATH)
_several = TolerantDecoder(list[wire.User], f"{_PATH}[]")
_LISTS = ("groups", "realms", "roles")


class People:
    """Makes the contract's users of Fluid Topics'.

    The reference's table calls `user` an array, its example shows an object; newer releases list its fields flat, as
    `userId` and so on. A realm is a text, a list of them, or missing; it always becomes a list.

    A few people cause most events, and a user costs as much to read as the rest of an event: so those met before are
    kept, by their very text.
    """

    def __init__(self) -> None:
        """Nobody is known yet."""
        self._known: dict[bytes, tuple[User | None, DriftLog]] = {}

    def of(self, event: wire.Event, drift: DriftLog) -> User | None:
        """Who did it; not to be changed. None if the event does not say. What cannot be read is noted in `drift`."""
        text = bytes(event.user)
        known = self._known.get(text)
        if known is None:
            known = _read(text)
            self._keep(text, known)
        user, departures = known
        if departures:
            drift.merge(departures)
        return _with_flat_fields(user, event) if _has_flat_fields(event) else user

    def _keep(self, text: bytes, known: tuple[User | None, DriftLog]) -> None:
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        if len(text) <= LONGEST_KEPT:
            self._known[text] = known


def _read(text: bytes) -> tuple[User | None, DriftLog]:
    drift = DriftLog()
    try:
        person = _person(text, drift)
    except InvalidResponseError:
        drift.note(_PATH, DriftKind.MISTYPED)
        person = None
    return (None if person is None else _user(person)), drift


def _person(text: bytes, drift: DriftLog) -> wire.User | None:
    if text in {b"", b"null"}:
        return None
    if not text.startswith(b"["):
        return _one(text, drift)
    people = _several(text, drift)
    if len(people) > 1:
        drift.note(f"{_PATH}[1]", DriftKind.UNKNOWN, len(people) - 1)
    return people[0] if people else None


def _user(person: wire.User) -> User:
    realms = [person.realm] if isinstance(person.realm, str) else person.realm
    lists = {"groups": person.groups, "realms": realms, "roles": person.roles}
    return User(
        id=None if person.id is None else str(person.id),
        realms=realms,
        groups=person.groups,
        roles=person.roles,
        unset_fields=[name for name in _LISTS if lists[name] is None],
    )


def _has_flat_fields(event: wire.Event) -> bool:
    return not (event.user_id is event.user_realm is event.user_groups is event.user_roles is None)


def _with_flat_fields(user: User | None, event: wire.Event) -> User:
    """A user with what the event itself says of it, where the user does not."""
    flat = _user(wire.User(id=event.user_id, realm=event.user_realm, groups=event.user_groups, roles=event.user_roles))
    if user is None:
        return flat
    merged = User()
    merged.CopyFrom(user)
    if not merged.HasField("id") and flat.HasField("id"):
        merged.id = flat.id
    for name in set(user.unset_fields) - set(flat.unset_fields):
        getattr(merged, name).extend(getattr(flat, name))
        merged.unset_fields.remove(name)
    return merged
