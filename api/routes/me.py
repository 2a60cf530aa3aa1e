"""Who am I, and in which companies."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from api.access import Member
from models.directory import MemberCompany

router = APIRouter(tags=["me"])


class CompanyAnswer(BaseModel):
    id: UUID
    name: str
    procore_company_id: str
    feature_enabled: bool
    is_company_admin: bool
    is_accountant: bool


class MeAnswer(BaseModel):
    """The signed-in person, the company they work in now, and all they may choose."""

    id: UUID
    name: str
    login: str
    is_support: bool
    company: CompanyAnswer
    companies: list[CompanyAnswer]


@router.get("/me")
async def me(visitor: Member) -> MeAnswer:
    return MeAnswer(
        id=visitor.user_id,
        name=visitor.user.name,
        login=visitor.user.login,
        is_support=visitor.user.is_support,
        company=_answer(visitor.company),
        companies=[_answer(company) for company in visitor.user.companies],
    )


def _answer(company: MemberCompany) -> CompanyAnswer:
    return CompanyAnswer(
        id=company.company_id,
        name=company.name,
        procore_company_id=company.procore_company_id,
        feature_enabled=company.feature_enabled,
        is_company_admin=company.is_company_admin,
        is_accountant=company.is_accountant,
    )
