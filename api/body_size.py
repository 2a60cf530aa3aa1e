"""Caps on the size of a request's body, applied before anything reads it."""

from collections.abc import Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, answer_problem

# The longest JSON body of ours is a few kilobytes; a webhook of thousands of events stays below this as well.
JSON_LIMIT = 1024 * 1024
# 25 MB of PDF and the form around it; what is between the two is refused by the upload itself.
UPLOADS = ("/uploads", "/invoices/upload")
SHEETS = ("/mappings.csv", "/mapping/sheet")
UPLOAD_LIMIT = 27 * 1024 * 1024
# The longest answer of QuickBooks that is read (8 MB), and what its envelope escapes of it.
WEB_CONNECTOR_LIMIT = 16 * 1024 * 1024
WEB_CONNECTOR_PATH = "/quickbooks-desktop/"
# Ten thousand of Intuit's events in one body; a refused one would hold back everything that follows it.
INTUIT_LIMIT = 4 * 1024 * 1024
INTUIT_PATH = "/webhooks/intuit"
# What to do about it, by the end of the path.
LARGE_PDF = "A PDF may have up to 25 MB; send less."
LARGE_SHEET = "A sheet of mappings may have up to 20,000 rows. Keep only the mappings you change."


class BodySizeCap:
    """Answers 413 as soon as a body is known to pass the cap of its path; what follows is not read into memory."""

    def __init__(self, app: ASGIApp, limit_of: Callable[[str], int]) -> None:
        self._app = app
        self._limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        if _announced(scope) > limit:
            await answer_problem(Request(scope), _too_large(scope["path"]))(scope, receive, send)
            return
        received = 0
        refused = False

        async def counted() -> Message:
            nonlocal received, refused
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                refused = True
                raise _PassedCap
            return message

        async def answered(message: Message) -> None:
            # Whoever parsed the body answers its own way when `counted` raises; the reason stays ours.
            if not refused:
                await send(message)

        with suppress(_PassedCap):
            await self._app(scope, counted, answered)
        if refused:
            await answer_problem(Request(scope), _too_large(scope["path"]))(scope, receive, send)


def _too_large(path: str) -> Problem:
    advice = LARGE_SHEET if path.endswith(SHEETS) else LARGE_PDF if path.endswith(UPLOADS) else "Send less."
    return Problem(413, "body_too_large", f"The request is too large. {advice}")


class _PassedCap(Exception):
    pass


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def limit_of(path: str) -> int:
    if path.startswith(WEB_CONNECTOR_PATH):
        return WEB_CONNECTOR_LIMIT
    if path == INTUIT_PATH:
        return INTUIT_LIMIT
    return UPLOAD_LIMIT if path.endswith(UPLOADS + SHEETS) else JSON_LIMIT
