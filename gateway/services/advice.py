"""What an operator can do about a source that fails: one text per reason. `docs/errors.md` shows the same.

An outcome's own text says what happened this time; here stands where to look and what to change, whatever the kind.
"""

from collections.abc import Mapping

from google.rpc.status_pb2 import Status

from gateway.pipeline.details import reason_of

ADVICE: Mapping[str, str] = {
    "UPSTREAM_UNREACHABLE": (
        "Nothing is wrong with the credential: no whole answer came over the network. From the machine or container "
        "in which the gateway runs, try `curl -v` with the connection's address: it shows whether the name, the "
        "port, the certificate or something in between is the cause. Then correct `base_url`, name the authority of "
        "a private certificate as `ca_file` of `tls`, or the way out as `url` of `proxy`."
    ),
    "UPSTREAM_TIMEOUT": (
        "First allow the check more time. If the upstream is always so slow (`recent_latency` tells), raise "
        "`attempt_timeout` of this source, and `default_timeout` of the server for callers who name no time; if "
        "only now, see whether it is overloaded. A firewall that drops packets looks the same: try `curl -v` from "
        "where the gateway runs."
    ),
    "UPSTREAM_RATE_LIMITED": (
        "Who else uses this credential? Give the gateway one of its own, have the upstream's quota raised, or ask less "
        "often. `attempts` of `retry` set to 1 keeps the gateway from adding requests of its own."
    ),
    "UPSTREAM_FAILED": (
        "The fault is on the upstream's side: look at its status page, or into its log at the time of the failure. "
        "If it stays, tell whoever runs it. Nothing in the gateway's configuration helps."
    ),
    "UPSTREAM_CREDENTIAL_REFUSED": (
        "The connection tells which kind of credential was sent, and when it ends if that is known. See whether it has "
        "expired, was revoked, or belongs to another installation or environment; then replace the secret in `auth` of "
        "this source and restart the gateway, which reads secrets only at its start."
    ),
    "UPSTREAM_PERMISSION_REFUSED": (
        "The upstream knows who asks, and says no. Grant the credential's owner the right to read usage analytics "
        "there, which is often for administrators only, or put the credential of somebody who has it into `auth`. A "
        "firewall or proxy that guards the upstream may answer so, too."
    ),
    "UPSTREAM_NOT_FOUND": (
        "See that `base_url` is the address of the installation as the page of its kind shows it, with its path and "
        "without what follows it. If it is, the upstream's release has no analytics yet: ask whoever runs it for a "
        "newer one."
    ),
    "UPSTREAM_MISDIRECTED": (
        "Ask whoever runs the upstream where the tenant is now, and put that into `base_url`. Where the kind of "
        "source takes `environment` and `customer` in place of `base_url`, it finds the tenant by itself."
    ),
    "UPSTREAM_TENANT_UNAVAILABLE": (
        "Maintenance and moves end by themselves: check again after the time that the status names. For a tenant that "
        "is suspended or gone, whoever holds the contract with the vendor has to act; if it is the wrong one, correct "
        "`environment` and `customer`."
    ),
    "UPSTREAM_REQUEST_REFUSED": (
        "First see that `base_url` and the keys of this source's kind, such as `org`, belong to this installation. If "
        "they do, this release of the upstream takes other requests than its documentation says: report it, with the "
        "upstream's kind and version."
    ),
    "UPSTREAM_REPORTED_FAILURE": (
        "The upstream took the question and then failed inside; its own log at that time knows why. Check again; if it "
        "stays, see that the credential's owner is an active user there who can open the same data by hand."
    ),
    "UPSTREAM_RESPONSE_INVALID": (
        "Most often something else answers in the upstream's place: a login page, a proxy, or another port. See what "
        "`curl -i` with the connection's address shows, and correct `base_url`. If it is the upstream, compare `drift` "
        "of the outcome with what it documents, and report it with the upstream's version."
    ),
    "UPSTREAM_RESPONSE_TOO_LARGE": (
        "If the upstream really has that much to say, raise `max_body_bytes` of this source, or lower `per_page` "
        "where its kind has it. If a check already fails so, something else answers in its place: see that "
        "`base_url` is right."
    ),
    "UPSTREAM_REDIRECTED": (
        "See what `curl -i` with the connection's address shows as `Location`. An https address there: change the "
        "scheme of `base_url`; another host: use that one, if it is yours; a login page: the credential's scheme is "
        "not the one that the upstream expects."
    ),
    "UPSTREAM_PAGES_INCONSISTENT": (
        "Events came or went while they were read, or the upstream counts its pages otherwise than it documents. Read "
        "again; if it stays, lower `per_page`, and raise `max_pages` if the portal really has more."
    ),
    "WINDOW_BEYOND_HORIZON": (
        "This lies in the question: nothing is wrong with the source. If the upstream keeps its data for longer than "
        "the gateway assumes, raise `horizon_days` of this source."
    ),
    "QUESTION_NOT_SUPPORTED": (
        "This lies in the question: nothing is wrong with the source. Where it was too much to be read event by event, "
        "raise `scan_pages` of this source; each page is one more request."
    ),
    "CACHE_MISS": (
        "This lies in the question, which forbade asking the upstream: nothing is wrong with the source, and nothing "
        "has to be changed."
    ),
    "CIRCUIT_OPEN": (
        "The last failures, in `history` of the source, say why: see to those. The gateway tries again by itself, with "
        "a single request, at `probe_time` of `protection`. If it is too careful for this upstream, change `breaker` "
        "of this source."
    ),
    "BULKHEAD_FULL": (
        "More is asked at once than `concurrency` and `queue` of `limits` let through. If the upstream bears it, raise "
        "them; if it has become slow (`recent_latency` tells), see to that, since slow answers hold their places for "
        "longer. Longer times in `cache` of this source make fewer questions."
    ),
    "RATE_LIMIT_REACHED": (
        "If `rate_lowered` of `protection` is true, the upstream itself asked for less: see who else uses its quota. "
        "Otherwise raise `rate` and `burst` of `limits` of this source, as far as the upstream allows, or let answers "
        "be kept for longer by `cache`."
    ),
    "UPSTREAM_NOT_ASKED": (
        "This lies in the question, which forbade asking the upstream: nothing is wrong with the source, and nothing "
        "has to be changed."
    ),
    "ANSWER_TRUNCATED": (
        "The gateway stopped reading where its own limits are. Raise `scan_pages` or `per_page` of this source if the "
        "additional requests may be spent."
    ),
    "ANSWER_INCOMPLETE": (
        "`missing` and `drift` of the outcome name what was not there. Often the credential's owner may not see it, or "
        "the upstream's release does not have it yet."
    ),
    "INTERNAL": (
        "This is a fault of the gateway or of an installed adapter, not of the upstream. The gateway's log has it as "
        "`source_fault`, with this source and where it happened: report that."
    ),
}
"""By `ErrorReason` without its prefix: of every reason for which a source fails."""


def advice_on(status: Status) -> str | None:
    """What to do about a source with this status; None for one that answered."""
    return ADVICE.get(reason_of(status))
