"""Violated invariants, by kind."""


class InvariantError(Exception):
    """The system violated an invariant of this kind."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


LOST = "lost"
DOUBLED = "doubled"
DRIFT = "drift"
REPLAY = "replay"
REFUSAL = "refusal"
CLOSING = "closing"
ALARM = "alarm"
STUCK = "stuck"


def check(holds: bool, kind: str, message: str, *values: object) -> None:
    """Raise InvariantError unless `holds`; the message is formatted with the values only then."""
    if not holds:
        raise InvariantError(kind, message.format(*values) if values else message)
