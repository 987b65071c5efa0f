"""What a simulator's table says of the credential."""

from adapters.simulation import Simulator


def scheme_of(simulator: Simulator) -> str:
    """As `auth.scheme` calls it."""
    return _auth(simulator)["scheme"]


def secrets_of(simulator: Simulator) -> list[str]:
    """All that nobody may learn from us."""
    secrets = [value for key, value in _auth(simulator).items() if key != "scheme"]
    assert secrets
    return secrets


def _auth(simulator: Simulator) -> dict[str, str]:
    auth = simulator.source["auth"]
    assert isinstance(auth, dict)
    return auth
