"""Errors of the API as RFC 9457 problem details, in words a person understands."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from bot.messages import message

MEDIA_TYPE = "application/problem+json"


class ProblemDetails(BaseModel):
    """Body of every error answer. ``detail`` is a Vietnamese sentence that may be shown."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str


class Problem(Exception):
    """An error answer: ``name`` is its entry under ``problems`` in the text catalogue.

    ``fields`` fill that text; ``extra`` are further members of the body.
    """

    def __init__(
        self,
        status: int,
        name: str,
        *,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **fields: object,
    ) -> None:
        super().__init__(name)
        self.status = status
        self.name = name
        self.title = message(f"problems.{name}.title")
        self.detail = message(f"problems.{name}.detail", **fields)
        self.extra = extra or {}
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """The problem as JSON members."""
        return {
            "type": f"urn:assistant:problem:{self.name}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }

    def response(self) -> JSONResponse:
        """The problem as an HTTP answer."""
        return JSONResponse(
            self.body(), status_code=self.status, headers=self.headers, media_type=MEDIA_TYPE
        )


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI ``responses`` of a route that may answer with problems of these statuses."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {"description": "Problem details", "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


def handle_problems(app: FastAPI) -> None:
    """Makes every error of ``app`` a problem; what was sent is neither echoed nor logged."""

    @app.exception_handler(Problem)
    async def known(request: Request, problem: Problem) -> Response:
        return problem.response()

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        places = [".".join(map(str, item["loc"])) for item in error.errors()]
        return Problem(422, "invalid_request", extra={"places": places}).response()

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        # FastAPI says 400 of a body that cannot be parsed; to who sent it, it is not valid either
        status = 422 if error.status_code == 400 else error.status_code
        name = _BY_STATUS.get(status, "invalid_request")
        return Problem(status, name, headers=dict(error.headers or {})).response()
