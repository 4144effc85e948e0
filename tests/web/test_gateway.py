"""What Chalice would say in its own words is said in the service's."""

import json
import threading
from decimal import Decimal
from typing import Any

import pytest
from chalice.config import Config
from chalice.local import LocalGateway, create_local_server

import app
from chalicelib.api.exchange import Answer
from chalicelib.api.gateway import CashBook
from chalicelib.api.operations import METHODS, allowed_methods
from tests.web.asking import ApiClient, Told, answer, event_of

NOBODY = ApiClient(merchant_id=None, scopes=())


def paths() -> list[str]:
    return list(dict.fromkeys(operation.path for operation in app.app.operations))


def concrete(path: str) -> str:
    return path.replace("{entry_id}", "a" * 32).replace("{day}", "2026-11-23")


def is_problem(told: Told, status: int) -> bool:
    same = told.json["status"] == told.status == status
    marked = told.json["request_id"] == told.headers["X-Request-Id"]
    return same and marked and told.headers["Content-Type"] == "application/problem+json"


def test_every_method_of_every_path_reaches_the_application() -> None:
    assert all(set(methods) == set(METHODS) for methods in app.app.routes.values())


def test_every_operation_with_a_scope_is_behind_the_gateways_authorizer() -> None:
    for operation in app.app.operations:
        authorizer = app.app.routes[operation.path][operation.method].authorizer
        assert (authorizer is not None) == (operation.scope is not None), operation
        if authorizer:
            assert authorizer.name == "user-pool"
            assert len(authorizer.scopes) == 3


@pytest.mark.parametrize("path", paths())
def test_a_method_that_a_path_has_not_is_told_which_it_has(path: str) -> None:
    allowed = allowed_methods(app.app.operations, path)
    for method in METHODS:
        if method not in allowed:
            response = NOBODY.ask(method, concrete(path), {})
            assert is_problem(response, 405), (method, path)
            assert response.headers["Allow"] == ", ".join(allowed)


@pytest.mark.parametrize("path", paths())
def test_a_browser_may_ask_first_from_any_page(path: str) -> None:
    response = NOBODY.ask("OPTIONS", concrete(path), {"Origin": "https://example.org"})
    assert (response.status, response.text) == (204, "")
    assert response.headers["Access-Control-Allow-Headers"] == (
        "Authorization, Content-Type, Idempotency-Key, If-None-Match"
    )
    assert response.headers["Access-Control-Max-Age"] == "7200"
    for method in allowed_methods(app.app.operations, path):
        assert method in response.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v1/closings/2026-11-22/1", "/docs"])
def test_a_path_that_does_not_exist_is_not_found(path: str) -> None:
    result = ApiClient().get(path)
    assert is_problem(result, 404)
    assert result.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("OPTIONS", "/health", 204),
        ("GET", "/v1/entries", 401),
        ("GET", "/nowhere", 404),
        ("PUT", "/v1/entries", 405),
    ],
)
def test_every_answer_has_the_common_headers(method: str, path: str, status: int) -> None:
    response = NOBODY.ask(method, path, {})
    assert response.status == status
    common = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": (
            "ETag, Idempotent-Replayed, Link, Location, Retry-After, WWW-Authenticate, X-Request-Id"
        ),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    assert common.items() <= response.headers.items()


def test_each_request_is_one_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    result = ApiClient().get("/v1/entries/nothing?x=1")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["request_answered"]
    assert lines[0]["request_id"] == result.headers["X-Request-Id"]
    assert lines[0]["route"] == "GET /v1/entries/{entry_id}"
    assert lines[0]["status"] == 400
    assert "padaria" not in str(lines)
    assert len(lines[0]["merchant"]) == 12


def test_a_failure_tells_its_place_to_the_log_and_nothing_to_the_asker(
    capsys: pytest.CaptureFixture[str],
) -> None:
    book = CashBook("arn:aws:cognito-idp:us-east-1:000000000000:userpool/none")

    @book.operation("GET", "/health", scope=None)
    def broken() -> Any:
        """Fail."""
        raise ZeroDivisionError("CPF 123.456.789-09")

    result = book(event_of("GET", "/health"), None)
    printed = capsys.readouterr().out
    assert result["statusCode"] == 500
    assert json.loads(result["body"])["request_id"] in printed
    assert "ZeroDivisionError" in printed
    assert "test_gateway.py" in printed
    assert "123.456" not in printed + result["body"]


def test_an_answer_that_is_no_json_is_a_failure_told_as_every_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    book = CashBook("arn:aws:cognito-idp:us-east-1:000000000000:userpool/none")

    @book.operation("GET", "/health", scope=None)
    def unsayable() -> Any:
        """Answer what JSON cannot say."""

        class Unsayable:
            def serve(self, _request: object, _caller: object) -> Answer:
                return Answer(200, {"money": Decimal("150.75")})

        return Unsayable()

    result = book(event_of("GET", "/health"), None)
    assert (result["statusCode"], json.loads(result["body"])["status"]) == (500, 500)
    assert result["headers"]["Content-Type"] == "application/problem+json"
    answered, failed = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (answered["event"], answered["outcome"]) == ("request_answered", "builtins.TypeError")
    assert (failed["event"], failed["errors"]) == ("request_failed", ["builtins.TypeError"])


def test_concurrent_requests_do_not_see_each_other() -> None:
    answers: list[tuple[str, str]] = []

    def ask(number: int) -> None:
        event = event_of("GET", f"/health?n{number}=1")
        result = answer(event)
        answers.append((event["requestContext"]["requestId"], result.json["request_id"]))
        assert result.faults == [f"n{number}"]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 50
    assert all(sent == got for sent, got in answers)


class TestUnderChalicesOwnServer:
    """What `chalice local` does not do by itself: authorizers, unknown paths."""

    @pytest.fixture
    def gateway(self) -> LocalGateway:
        book = CashBook("arn:aws:cognito-idp:us-east-1:000000000000:userpool/none")
        book.operation("GET", "/v1/entries/{entry_id}", "livro-caixa/read")(app.look_up_entry)
        book.refuse_other_methods()
        create_local_server(book, Config(), "127.0.0.1", 0).server.server_close()
        return LocalGateway(book, Config())

    def test_a_token_that_is_none_does_not_break_it(self, gateway: LocalGateway) -> None:
        headers = {"authorization": "nonsense"}
        response = gateway.handle_request("GET", "/v1/entries/a", headers, None)
        assert response["statusCode"] == 401

    @pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
    @pytest.mark.parametrize("path", ["/", "/x", "/v1/x/y/z", "/v1/entries/a/b?c=d"])
    def test_a_path_that_does_not_exist_is_not_found(
        self, gateway: LocalGateway, method: str, path: str
    ) -> None:
        response = gateway.handle_request(method, path, {"authorization": "x"}, None)
        assert response["statusCode"] == 404
        assert response["headers"]["Content-Type"] == "application/problem+json"
