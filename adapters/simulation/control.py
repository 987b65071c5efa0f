"""What the tests and the operator of a sandbox hold in hand: faults, switches, and a look at what was asked."""

import asyncio
from collections import Counter, UserDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

import msgspec

from adapters.simulation.faults import Fault

MOST_RECEIVED = 1000
"""Requests remembered."""

_HIDDEN_HEADERS = frozenset({"authorization", "cookie", "so-apptoken", "x-xsrf-token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request, as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By name in lower case; without credentials."""
    body: bytes


class Switches(UserDict[str, str]):
    """The present choice among the declared shapes of an upstream, by the name of the switch."""

    def __init__(self, allowed: Mapping[str, tuple[str, ...]]) -> None:
        """Take the first value of each."""
        self.allowed = allowed
        self.turned = Counter[str]()
        """How often each was set, be it to what it was."""
        super().__init__()
        self.reset()

    def reset(self) -> None:
        """Set each to its first value."""
        self.update({name: values[0] for name, values in self.allowed.items()})

    def __setitem__(self, name: str, value: str) -> None:
        """Choose. Raises ValueError for a switch or a value that was not declared."""
        if name not in self.allowed:
            raise ValueError(f"switches.{name}: there is no such switch; there are {sorted(self.allowed)}")
        if value not in self.allowed[name]:
            raise ValueError(f"switches.{name}: {value!r} is none of {list(self.allowed[name])}")
        super().__setitem__(name, value)
        self.turned[name] += 1


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """What the control endpoint is sent. What is left out stays as it is."""

    faults: list[Fault] | None = None
    switches: dict[str, str] = msgspec.field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Control:
    """The state of one simulator, its data apart. `Control({"unit": ("seconds", "millis")})` declares a switch."""

    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The switches with their values, of which the first is the default."""
    switches: Switches = field(init=False)
    faults: list[Fault] = field(default_factory=list)
    """The first whose path matches a request is committed."""
    rewrite: Callable[[bytes], bytes] | None = None
    """Makes another body of that of each successful answer, in process only."""
    requests: deque[Received] = field(default_factory=lambda: deque(maxlen=MOST_RECEIVED))
    """The last requests, oldest first."""
    asked: int = 0
    """Requests since the last reset."""
    closed_early: int = 0
    """Requests of these whose client left before it had its answer."""
    _resets: int = 0
    _noticed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.switches = Switches(self.allowed)

    def reset(self) -> None:
        """No faults, the default switches, nothing asked."""
        self.switches.reset()
        self.faults.clear()
        self.rewrite = None
        self.requests.clear()
        self.asked = self.closed_early = 0
        self._resets += 1

    def apply(self, change: Change) -> None:
        """Change all or nothing. Raises ValueError for a switch or a value that was not declared."""
        Switches(self.allowed).update(change.switches)
        self.switches.update(change.switches)
        if change.faults is not None:
            self.faults[:] = change.faults

    def fault_for(self, path: str) -> Fault | None:
        """The fault that a request to this path meets, which uses it up by one."""
        for place, fault in enumerate(self.faults):
            if not fnmatchcase(path, fault.path):
                continue
            if fault.times == 1:
                del self.faults[place]
            elif fault.times is not None:
                self.faults[place] = msgspec.structs.replace(fault, times=fault.times - 1)
            return fault
        return None

    def note_request(self, received: Received) -> int:
        """Remember a request, without its credentials. The number says how many resets came before it."""
        shown = {name.lower(): value for name, value in received.headers.items() if name.lower() not in _HIDDEN_HEADERS}
        self.requests.append(replace(received, headers=shown))
        self.asked += 1
        self._notice()
        return self._resets

    def note_closed_early(self, resets: int) -> None:
        """Count a client that left, unless what it asked is forgotten: `resets` is what `note_request` said of it."""
        if resets == self._resets:
            self.closed_early += 1
            self._notice()

    async def until(self, condition: Callable[["Control"], bool]) -> None:
        """Wait until a condition holds, which is looked at whenever a request comes or its client leaves."""
        while not condition(self):
            await self._noticed.wait()

    def _notice(self) -> None:
        self._noticed.set()
        self._noticed = asyncio.Event()
