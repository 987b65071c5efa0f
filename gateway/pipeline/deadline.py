"""How long a call may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePolicy:
    """Caps what callers ask for, so that no call holds its resources for longer than the operator wants. In seconds."""

    default: float = 10.0
    """Given to a call whose caller names no time."""
    longest: float = 60.0
    """The most that a call gets, whatever its caller asks for."""
    longest_stream: float = 3600.0
    """The same for a stream; also what a stream gets whose caller names no time."""

    def allow(self, asked: float | None, *, streaming: bool) -> float:
        """The time a call gets, from its arrival on. None: the caller named none. Never negative, always finite."""
        if streaming:
            return self.longest_stream if asked is None else max(0.0, min(self.longest_stream, asked))
        return max(0.0, min(self.longest, self.default if asked is None else asked))
