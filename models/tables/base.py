"""The base of every table: one metadata with naming rules, and the row that belongs to one company."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from models.columns import METADATA_NAMES

SQLModel.metadata.naming_convention = METADATA_NAMES


class CompanyRow(SQLModel):
    """A row of one company. The primary key is (company_id, id), so that every foreign key stays within the company."""

    company_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
