"""The sink's website: every mail, the newest first, and each as its reader would see it."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from simulators.mail_sink.mailbox import Mailbox, ReceivedMail

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
)
# Mails are somebody's text: nothing in one runs, and nothing is fetched for it.
_SEALED = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups"}


def create_app(mailbox: Mailbox) -> Starlette:
    """The pages over a mailbox; serve them with `simulators.server.serve`."""

    async def home(_: Request) -> Response:
        return _page("home.html", mails=mailbox.mails[::-1])

    async def one(request: Request) -> Response:
        return _page("mail.html", mail=_mail(mailbox, request))

    async def html(request: Request) -> Response:
        return HTMLResponse(_mail(mailbox, request).body("html"), headers=_SEALED)

    async def listed(_: Request) -> Response:
        return JSONResponse([_as_json(mail) for mail in mailbox.mails])

    return Starlette(
        routes=[
            Route("/", home),
            Route("/mails/{number:int}", one),
            Route("/mails/{number:int}/html", html),
            Route("/mails.json", listed),
        ]
    )


def _mail(mailbox: Mailbox, request: Request) -> ReceivedMail:
    mail = mailbox.mail(request.path_params["number"])
    if mail is None:
        raise HTTPException(404)
    return mail


def _page(name: str, **values: object) -> HTMLResponse:
    return HTMLResponse(_environment.get_template(name).render(**values))


def _as_json(mail: ReceivedMail) -> dict[str, object]:
    return {
        "number": mail.number,
        "to": list(mail.recipients),
        "subject": mail.header("Subject"),
        "message_id": mail.header("Message-ID"),
        "text": mail.body("plain"),
    }
