"""What a browser's form says, as the values a program would have sent."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.problems import Problem, validation_problem

Read = TypeVar("Read", bound=BaseModel)


async def typed_fields(request: Request) -> dict[str, str]:
    """The form's text fields. Of a field sent twice the last counts: a toggle sends its off before its on."""
    form = await request.form()
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def read_form(kind: type[Read], typed: Mapping[str, str]) -> Read:
    """The fields as that model, an empty one as none. Raises Problem 422."""
    try:
        return kind.model_validate({name: value.strip() or None for name, value in typed.items()})
    except ValidationError as wrong:
        raise validation_problem(wrong.errors()) from None


def typed_amount(text: str) -> Decimal:
    """An amount as people type it: ``1,204.18`` or ``$1204.18``. Raises Problem 422."""
    bare = text.strip().removeprefix("$").replace(",", "")
    try:
        amount = Decimal(bare)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise Problem(422, "no_amount", "This is no amount. Type it as 1,204.18.")
    return amount
