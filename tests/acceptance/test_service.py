"""What is asked of the service itself."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.acceptance.consumer import Consumer


def test_health_is_told_to_anybody(anybody: Consumer) -> None:
    reply = anybody.get("/health")
    assert (reply.status, reply.json) == (200, {"status": "ok"})


def test_readiness_names_each_dependency(anybody: Consumer) -> None:
    reply = anybody.get("/health/ready")
    assert reply.status == 200
    assert reply.json["status"] == "ok"
    assert set(reply.json["dependencies"].values()) == {"ok"}


def test_the_document_is_valid_and_names_what_is_built(anybody: Consumer) -> None:
    document = anybody.get("/openapi.json").json
    OpenAPIV31SpecValidator(document).validate()
    assert "/v1/entries" in document["paths"]
