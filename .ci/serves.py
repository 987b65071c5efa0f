"""Proves that `make run`, with no other preparation, serves and stops cleanly. For Linux, with the standard library."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import IO

READY_WITHIN = 600.0
"""Seconds: the first run makes the environment."""
STOPPED_WITHIN = 30.0
ANY_PORTS = "--grpc-address 127.0.0.1:0 --rest-address 127.0.0.1:0"


def main() -> None:
    """Start, ask, stop; the exit code is 1 and the last line says why if anything is not as promised."""
    make = subprocess.Popen(["make", "run", f"ARGS={ANY_PORTS}"], stderr=subprocess.PIPE, text=True, process_group=0)
    watchdog = threading.Timer(READY_WITHIN, _end, [make])
    watchdog.start()
    try:
        ready = _ready(make.stderr or sys.exit("no standard error"))
        watchdog.cancel()
        threading.Thread(target=_show, args=(make.stderr,), daemon=True).start()
        _ask(ready["rest_address"])
        os.kill(_only_child(make.pid), signal.SIGTERM)
        code = make.wait(timeout=STOPPED_WITHIN)
    finally:
        watchdog.cancel()
        _end(make)
    if code != 0:
        sys.exit(f"`make run` exited with {code} after SIGTERM, not with 0")
    print(f"`make run` served {ready['rest_address']} and {ready['grpc_address']}, and stopped when told to")


def _ready(lines: IO[str]) -> dict[str, str]:
    """The gateway's own line that both fronts listen; everything before it is shown."""
    for line in lines:
        sys.stderr.write(line)
        event: dict[str, str] = json.loads(line) if line.startswith("{") else {}
        if event.get("event") == "ready":
            return event
    sys.exit(f"`make run` ended, or was not ready within {READY_WITHIN:.0f} s")


def _show(lines: IO[str]) -> None:
    """Keep reading, so that the gateway never waits for its log to be read."""
    for line in lines:
        sys.stderr.write(line)


def _ask(address: str) -> None:
    for path in ("/healthz", "/v1/overview"):
        with urllib.request.urlopen(f"http://{address}{path}", timeout=30) as answer:
            print(f"GET {path}: {answer.status}, {len(answer.read())} bytes")


def _only_child(pid: int) -> int:
    """The gateway itself: make, told to stop, would report its own death and not the gateway's exit."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def _end(make: subprocess.Popen[str]) -> None:
    """Leave nothing running, whatever went wrong: whatever make started is in its process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(make.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
