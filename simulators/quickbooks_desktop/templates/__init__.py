"""The simulator's pages, rendered with everything escaped."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse


def amount(value: Any) -> str:
    """`$1,234.50`; negative amounts with a minus in front."""
    number = Decimal(value or 0)
    sign = "-" if number < 0 else ""
    return f"{sign}${abs(number):,.2f}"


def moment(value: float | None) -> str:
    """A time of the simulator's clock, to the second, UTC."""
    return "never" if value is None else f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC"


_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["amount"] = amount
_environment.filters["moment"] = moment


def render(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """One page."""
    return HTMLResponse(_environment.get_template(name).render(**values), status_code=status)
