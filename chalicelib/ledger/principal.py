"""On whose behalf a request is made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """The merchant and the subject that an access token names.

    `origin` is the request's trace header (X-Amzn-Trace-Id); it is stored with the entries that the
    request records.
    """

    merchant_id: str
    subject: str
    origin: str | None = None
