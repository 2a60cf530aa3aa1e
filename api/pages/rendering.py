"""Turning templates into pages: the words for dates and money, and what every page knows about its visitor."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import pass_context
from jinja2.runtime import Context
from starlette.responses import Response

from accounting.dates import UnknownTimeZone, zone
from accounting.money import dollars
from accounting.states import Badge

if TYPE_CHECKING:
    from api.access import SupportPerson, Visitor

WEB = Path(__file__).resolve().parent.parent.parent / "web"

# Attention first: what a badge's colour says at a glance.
BADGE_COLOURS = {
    Badge.WAITING: "neutral",
    Badge.NEEDS_YOU: "warning",
    Badge.POSTED: "success",
    Badge.LINKED: "success",
    Badge.PAID: "success",
    Badge.SETTLED_BY_CREDIT: "success",
    Badge.SETTLED_BY_DISCOUNT: "success",
    Badge.CHANGED_AFTER_POSTING: "warning",
    Badge.REMOVED_IN_QUICKBOOKS: "danger",
    Badge.PAID_NO_PAYMENT_FOUND: "warning",
    Badge.APPROVAL_WITHDRAWN: "danger",
}


def money(amount: Decimal, currency: str = "USD") -> str:
    """``$1,204.18``; another currency by its code."""
    return dollars(amount) if currency == "USD" else f"{dollars(amount).replace('$', '')} {currency}"


def day(value: date) -> str:
    return f"{value:%b} {value.day}, {value.year}"


def instant(value: datetime | None, time_zone: str | None = None) -> str:
    """A time of day in this zone, named; UTC where there is none."""
    if value is None:
        return "never"
    try:
        local = value.astimezone(zone(time_zone)) if time_zone else value.astimezone(UTC)
    except UnknownTimeZone:
        local = value.astimezone(UTC)
    return f"{day(local.date())}, {local:%H:%M} {local.tzname()}"


@pass_context
def instant_here(context: Context, value: datetime | None, time_zone: str | None = None) -> str:
    """A time of day in the project's zone where it belongs to one, else in the company's: a page's ``zone``."""
    return instant(value, time_zone or context.get("zone"))


def problem_title(status: int) -> str:
    """The heading of a page that tells why something did not happen."""
    if status == 404:
        return "Not found"
    return "Something went wrong" if status >= 500 else "Not possible"


def initials(name: str) -> str:
    """One or two letters that stand for a person."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def badge_colour(badge: Badge) -> str:
    return BADGE_COLOURS.get(badge, "neutral")


def query(**values: object) -> str:
    """A query string of what is set; empty values are left out."""
    return urlencode({name: str(value) for name, value in values.items() if value not in (None, "")})


templates = Jinja2Templates(directory=WEB / "templates")
templates.env.filters.update(
    money=money,
    day=day,
    instant=instant_here,
    initials=initials,
    problem_title=problem_title,
    badge_colour=badge_colour,
)
templates.env.globals.update(query=query)
templates.env.trim_blocks = True
templates.env.lstrip_blocks = True


def page(
    request: Request,
    template: str,
    visitor: "Visitor | SupportPerson | None" = None,
    *,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page. ``visitor`` fills the sidebar; None is a page for people who are not signed in."""
    return templates.TemplateResponse(request, template, {"visitor": visitor, **context}, status_code=status)


def problem_page(request: Request, status: int, message: str) -> Response:
    """The page of a refused request: its sentence, and the way on. Within the frame where the person is known."""
    visitor = getattr(request.state, "visitor", None)
    template = "problem_inside.html" if visitor else "problem.html"
    return page(request, template, visitor, status=status, message=message, problem_status=status)


def sign_in_page(request: Request, message: str) -> Response:
    """Asks to sign in; afterwards the person is back where they were."""
    back_to = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query and not request.url.path.endswith("/callback"):
        back_to = f"{back_to}?{request.url.query}"
    return page(request, "sign_in.html", status=401, message=message, back_to=back_to)
