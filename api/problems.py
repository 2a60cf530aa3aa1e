"""What can go wrong with a request: one shape, one code and one sentence each, which says what to do.

``{"error": {"code": "plan_outdated", "message": "…"}}`` for programs; pages show the sentence.
"""

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.pages.rendering import problem_page, sign_in_page
from foundation.ids import new_id

LOG = logging.getLogger("inbuild_sync.api")
API_PREFIX = "/api/"
WEBHOOK_PREFIX = "/webhooks/"


class Problem(Exception):
    """A request that is refused. ``message`` is read by people: no secret, no trace, and a next step."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(message)


class ErrorDetail(BaseModel):
    code: str
    message: str


class ErrorAnswer(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorDetail


def not_signed_in() -> Problem:
    return Problem(401, "not_signed_in", "Sign in with Procore to go on.")


def feature_off() -> Problem:
    return Problem(403, "feature_not_available", "This feature is not available yet.")


def not_admin() -> Problem:
    return Problem(403, "not_admin", "Only admin users can access accounting integrations.")


def not_accountant() -> Problem:
    return Problem(
        403, "not_accountant", "Only company admins and the accountants they named can do this. Ask a company admin."
    )


def not_support() -> Problem:
    return Problem(403, "not_support", "Only inBuild support can open this page.")


def not_found(what: str) -> Problem:
    """Also for what exists in another company: nobody learns that it does."""
    return Problem(404, "not_found", f"There is no such {what}. Go back to the list and open it from there.")


def as_json(problem: Problem) -> JSONResponse:
    answer = ErrorAnswer(error=ErrorDetail(code=problem.code, message=problem.message))
    return JSONResponse(answer.model_dump(), problem.status)


def wants_json(request: Request) -> bool:
    return request.url.path.startswith((API_PREFIX, WEBHOOK_PREFIX))


def answer_problem(request: Request, problem: Problem) -> Response:
    """The answer to a refused request, for a program or for a person."""
    if request.url.path.startswith(WEBHOOK_PREFIX):
        # Whoever calls there is a program: nobody reads the answer, and a delivery that is refused does not come again.
        LOG.warning("a webhook was refused: %d %s at %r", problem.status, problem.code, request.url.path)
    if wants_json(request):
        return as_json(problem)
    if problem.status == 401:
        return sign_in_page(request, problem.message)
    return problem_page(request, problem.status, problem.message)


def validation_problem(errors: Sequence[Any]) -> Problem:
    """One sentence for what pydantic found. It names the field, never the value that was sent."""
    if any(error["type"] in ("json_invalid", "json_type") for error in errors):
        return Problem(422, "malformed_json", "The body is not valid JSON. Check it and send it again.")
    if all(error["loc"][:1] == ("path",) for error in errors):
        return not_found("page or record")
    first = errors[0]
    field = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    said = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    return Problem(422, "invalid_input", f"{field or 'The body'}: {said}. Correct it and send it again.")


def add_handlers(app: FastAPI) -> None:
    """Map every exception to the one shape, at the boundary and nowhere else."""

    @app.exception_handler(Problem)
    async def refused(request: Request, problem: Problem) -> Response:
        return answer_problem(request, problem)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer_problem(request, validation_problem(error.errors()))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            problem = not_found("page")
        elif error.status_code == 405:
            problem = Problem(405, "method_not_allowed", "This address does not take that kind of request.")
        else:
            problem = Problem(
                error.status_code, "bad_request", "The request could not be read. Check it and try again."
            )
        return answer_problem(request, problem)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        reference = new_id(request.app.state.services.clock).hex[-12:]
        LOG.error("unexpected error %s on %s %s", reference, request.method, request.url.path, exc_info=error)
        return answer_problem(
            request,
            Problem(
                500,
                "unexpected",
                f"Something went wrong on inBuild's side. Try again; if it stays, tell inBuild support the "
                f"reference {reference}.",
            ),
        )
