"""What a story may never show."""


class Violation(Exception):
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


def demand(holds: bool, kind: str, message: str, *told: object) -> None:
    """Raise Violation unless something holds; `told` is put into the braces of the message then."""
    if not holds:
        raise Violation(kind, message.format(*told) if told else message)
