"""What a story may never show."""


class InvariantError(Exception):
    """The system broke a promise; `kind` says which one."""

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
LIST = "list"
STUCK = "stuck"


def check(holds: bool, kind: str, message: str, *told: object) -> None:
    """Raise InvariantError unless something holds; `told` is put into the braces of the message then."""
    if not holds:
        raise InvariantError(kind, message.format(*told) if told else message)
