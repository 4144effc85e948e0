"""What is asked of the service itself: is it there, can it record, what does it understand."""

from chalicelib.api import readiness
from chalicelib.api.exchange import Answer
from chalicelib.api.models.bodies import NoBody
from chalicelib.api.models.service import Health, Readiness, State
from chalicelib.api.problems import problem_answer
from chalicelib.api.views.view import Asked, Gives, NoQuery, View
from chalicelib.ledger.errors import LedgerUnavailableError


def _health(_asked: Asked[NoQuery, NoBody]) -> Answer:
    return Answer(200, Health().model_dump())


def _ready(asked: Asked[NoQuery, NoBody]) -> Answer:
    matches = readiness.dependencies()
    result: dict[str, State] = {
        name: "ok" if answers else "down" for name, answers in matches.items()
    }
    # Reads may be degraded; the service is ready while entries can be recorded.
    if matches[readiness.LEDGER]:
        return Answer(200, Readiness(dependencies=result).model_dump())
    refusal = problem_answer(
        LedgerUnavailableError("Entries cannot be recorded now."), asked.request
    )
    return refusal._replace(body={**refusal.body, "dependencies": result})


health = View(
    answer=_health,
    query=NoQuery,
    body=NoBody,
    gives=[Gives(200, Health, "The function answers.")],
)

ready = View(
    answer=_ready,
    query=NoQuery,
    body=NoBody,
    gives=[Gives(200, Readiness, "Entries can be recorded; reads may be degraded.")],
    refuses=[LedgerUnavailableError],
)
