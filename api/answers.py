"""Answers that repeat what a query returned."""

from pydantic import BaseModel, ConfigDict

from api.money import Money


class Answer(BaseModel):
    """Read off a row or a view by ``model_validate``: each field is the attribute of its name."""

    model_config = ConfigDict(from_attributes=True)


class RequisitionAnswer(Answer):
    """A requisition on a list that an admin accepts: a plan's, or that of a gap."""

    requisition_id: str
    project_id: str
    number: str
    vendor_name: str
    due: Money
