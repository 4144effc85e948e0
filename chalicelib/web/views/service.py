"""What operators ask of the service itself: is it there, can it record."""

from chalicelib.web.exchange import Answer
from chalicelib.web.models.bodies import NoBody
from chalicelib.web.models.service import Health
from chalicelib.web.views.view import Asked, Gives, NoQuery, View


def _health(_asked: Asked[NoQuery, NoBody]) -> Answer:
    return Answer(200, Health().model_dump())


health = View(
    answer=_health,
    query=NoQuery,
    body=NoBody,
    gives=[Gives(200, Health, "The function answers.")],
)
