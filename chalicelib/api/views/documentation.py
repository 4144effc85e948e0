"""The OpenAPI document, as consumers read it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from chalicelib.api.conditional import tag_of, tagged_before
from chalicelib.api.exchange import Answer
from chalicelib.api.models.bodies import NoBody
from chalicelib.api.models.service import OpenApiDocument
from chalicelib.api.operations import Operation
from chalicelib.api.views.view import Asked, Gives, NoQuery, View


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
    from chalicelib.api.openapi import document

    shown = document(operations)
    return shown, tag_of(shown)
