"""A fourth kind of source, of a package of its own, installed as anybody's package is."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

EXTENSION = Path(__file__).parent / "extension"
"""The package. It is in no environment, so that nobody meets its kind who did not ask for it."""

_BUILT = Path(__file__).parents[1] / "build" / "extension"


def install(target: Path) -> None:
    """Install the package into a folder, without asking a registry for anything.

    Raises:
        RuntimeError: that failed; it says why.
    """
    options = ["--isolated", "--no-index", "--no-deps", "--no-build-isolation", "--no-compile", "--target", str(target)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options]
    ran = subprocess.run([*command, str(EXTENSION)], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise RuntimeError(
            f"pip could not install tests/extension; is this the environment of `make env`?\n{ran.stderr}"
        )


def put_on_path() -> None:
    """Let this process, and so each worker of the tests, have the package installed, as it is written at present."""
    name = _fingerprint()
    target = _BUILT / name
    if not target.exists():
        target = _writable() / name
        _build(target)
    if str(target) not in sys.path:
        sys.path.append(str(target))


def _writable() -> Path:
    """Where to build: in the checkout; where that is read-only, in a folder that ends with this process."""
    with suppress(OSError):
        _BUILT.mkdir(parents=True, exist_ok=True)
    if os.access(_BUILT, os.W_OK):
        return _BUILT
    own = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own


def _build(target: Path) -> None:
    """Install aside, then rename: another worker meets all of it or nothing."""
    with tempfile.TemporaryDirectory(dir=target.parent) as aside:
        install(Path(aside) / "new")
        try:
            (Path(aside) / "new").rename(target)
        except OSError:
            # A folder that is not empty is never replaced: another worker was first.
            if not target.exists():
                raise


def _fingerprint() -> str:
    """Of all that the package is made of."""
    made_of = blake2b(digest_size=8)
    for path in sorted(path for path in EXTENSION.rglob("*") if path.suffix in {".py", ".toml", ".md"}):
        made_of.update(os.fsencode(path.relative_to(EXTENSION)) + b"\0" + path.read_bytes() + b"\0")
    return made_of.hexdigest()
