"""The OpenAPI document, as consumers read it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from chalicelib.web.conditional import tag_of, tagged_before
from chalicelib.web.exchange import Answer
from chalicelib.web.models.bodies import NoBody
from chalicelib.web.models.service import OpenApiDocument
from chalicelib.web.operations import Operation
from chalicelib.web.views.view import Asked, Gives, NoQuery, View


def of(operations: Sequence[Operation]) -> View[NoQuery, NoBody]:
    """Return the view that describes these operations, itself among them."""

    def answer(asked: Asked[NoQuery, NoBody]) -> Answer:
        shown, tag = _kept(tuple(operations))
        return tagged_before(asked.request, shown, tag)

    return View(
        answer=answer,
        query=NoQuery,
        body=NoBody,
        tagged=True,
        gives=[Gives(200, OpenApiDocument, "This document.", ("ETag",))],
    )


@lru_cache(maxsize=1)
def _kept(operations: tuple[Operation, ...]) -> tuple[dict[str, Any], str]:
    """Return the document and its ETag; making them takes longer than most requests."""
    from chalicelib.web.openapi import document

    shown = document(operations)
    return shown, tag_of(shown)
