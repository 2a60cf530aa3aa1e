"""How a person wants the pages to look: light, dark, or as their system does."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api.access import SignedIn
from api.pages.sign_in import own_path

router = APIRouter()


class Theme(StrEnum):
    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@router.post("/appearance")
async def choose(
    request: Request, user: SignedIn, theme: Annotated[Theme, Form()], back_to: Annotated[str, Form()] = "/"
) -> Response:
    request.session["theme"] = theme.value
    return RedirectResponse(own_path(back_to), 303)
