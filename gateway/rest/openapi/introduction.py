"""What a reader has to know before the first operation, in Markdown."""

SUMMARY = "How the company's tools are used, asked of several upstreams at once."

INTRODUCTION = """\
One question goes to every upstream that can answer it, and one answer comes back with what each of them said.

**Outcomes.** Every answer that asks upstreams tells in `outcomes` what became of each: it answered, failed, or ran \
out of time; why; and how old its numbers are. A call succeeds if one source answered, unless `requiredSources` names \
others. Look at `outcomes` before a sum that seems too small.

**Absent is absent.** A field that is not among the `required` ones is left out where the upstream did not say, which \
is neither 0 nor "". New fields may come; clients should pass over those that they do not know.

**Values.** Times are RFC 3339, in UTC. 64-bit integers are strings, since JavaScript's numbers have only 53 bits. \
Queries take the names of fields also in snake_case, and those of enums also without the prefix. A body has values in \
the form of answers, enums by name and never by number; null is the same as not given. A parameter or field that is \
not known is refused.

**Failures.** Each is an `application/problem+json` (RFC 9457) that holds the `google.rpc.Status` which gRPC callers \
get. The reason in its first detail is stable and made for programs; the text is made for people.

**Time.** `Request-Timeout` says how many seconds the caller waits. What has been answered by then is sent, and the \
outcomes name who was too slow.

**Asking again.** The answer to a GET has an `ETag`: send it back as `If-None-Match`, and if the answer still holds, \
304 says so, without a body. `Age` and `Cache-Control` tell how old an answer is, and for how long it is as good as a \
new one; `freshness` and `maxAge` choose. Answers of 1 KiB and more are compressed for who accepts `zstd` or `gzip`; \
streams are sent as they are, each item as soon as there is one.

HEAD works wherever GET does. The same methods are served over gRPC, with reflection."""
