"""What the replicas of a gateway share, in Redis or Valkey: observations, leases, and rate limits.

It helps, and is never needed. Nothing here raises or takes longer than `[cache] redis_timeout`, whatever becomes of the
server: without it each replica is on its own.
"""

from gateway.shared.opening import Shared, open_shared

__all__ = ["Shared", "open_shared"]
