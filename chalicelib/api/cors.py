"""Cross-origin requests (Fetch standard): any page may ask, for only a token lets it in."""

from collections.abc import Sequence

from chalicelib.api.exchange import Answer

# No cookie is ever looked at, so a foreign page can do no more than a foreign program.
ON_EVERY_ANSWER = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Idempotent-Replayed, Link, Location, Retry-After, WWW-Authenticate, X-Request-Id"
    ),
}
_SENDABLE = "Authorization, Content-Type, Idempotency-Key, If-None-Match"
_REMEMBERED_SECONDS = 7200


def preflight_answer(methods: Sequence[str]) -> Answer:
    """Return the answer to OPTIONS: what a page may send to a path that takes these methods."""
    allowed = ", ".join(methods)
    headers = {
        "Allow": allowed,
        "Access-Control-Allow-Methods": allowed,
        "Access-Control-Allow-Headers": _SENDABLE,
        "Access-Control-Max-Age": str(_REMEMBERED_SECONDS),
    }
    return Answer(204, headers=headers)
