"""The OpenAPI document, as consumers read it."""

from collections.abc import Sequence
from typing import Any

from chalicelib.web.conditional import tagged
from chalicelib.web.exchange import Answer
from chalicelib.web.models.bodies import NoBody
from chalicelib.web.models.service import OpenApiDocument
from chalicelib.web.operations import Operation
from chalicelib.web.views.view import Asked, Gives, NoQuery, View


def of(operations: Sequence[Operation]) -> View[NoQuery, NoBody]:
    """Return the view that describes these operations, itself among them."""

    def answer(asked: Asked[NoQuery, NoBody]) -> Answer:
        return tagged(asked.request, _document(operations))

    return View(
        answer=answer,
        query=NoQuery,
        body=NoBody,
        tagged=True,
        gives=[Gives(200, OpenApiDocument, "This document.", ("ETag",))],
    )


def _document(operations: Sequence[Operation]) -> dict[str, Any]:
    from chalicelib.web.openapi import document

    return document(operations)
