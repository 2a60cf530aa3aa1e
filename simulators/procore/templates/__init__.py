"""The HTML of the simulator's own pages."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from starlette.responses import HTMLResponse

from simulators.procore.wire import amount_of


def money(value: object) -> str:
    """An amount with thousands separators and two decimals, or an em dash for what is no amount."""
    if value is None:
        return "—"
    try:
        amount: Decimal = amount_of(value)
    except ValueError:
        return "—"
    return f"{amount:,.2f}"


def words(value: object) -> str:
    """`approved_as_noted` as `Approved as noted`."""
    return str(value).replace("_", " ").capitalize()


# Lenient on purpose: a world document need not carry every optional field of Procore's objects.
_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=ChainableUndefined, trim_blocks=True
)
_environment.filters.update(money=money, words=words)


def page(template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """The template filled in; everything is escaped."""
    return HTMLResponse(_environment.get_template(template).render(**values), status)
