"""What is asked of the service itself: is it there, can it record, what does it understand."""

from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.web import readiness
from chalicelib.web.exchange import Answer
from chalicelib.web.models.bodies import NoBody
from chalicelib.web.models.service import Health, Readiness, State
from chalicelib.web.problems import problem_answer
from chalicelib.web.views.view import Asked, Gives, NoQuery, View


def _health(_asked: Asked[NoQuery, NoBody]) -> Answer:
    return Answer(200, Health().model_dump())


def _ready(asked: Asked[NoQuery, NoBody]) -> Answer:
    found = readiness.dependencies()
    told: dict[str, State] = {name: "ok" if answers else "down" for name, answers in found.items()}
    # Reads may be degraded; the service is ready while entries can be recorded.
    if found[readiness.LEDGER]:
        return Answer(200, Readiness(dependencies=told).model_dump())
    refusal = problem_answer(
        LedgerUnavailableError("Entries cannot be recorded now."), asked.request
    )
    return refusal._replace(body={**refusal.body, "dependencies": told})


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
