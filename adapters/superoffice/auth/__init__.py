"""How a SuperOffice source proves who asks, whichever scheme its configuration names."""

from adapters.superoffice.auth.opening import open_credential

__all__ = ["open_credential"]
