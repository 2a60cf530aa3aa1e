"""Sign-in with Procore: from the code in the callback to a user with companies and rights."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from api import people
from api.problems import Problem
from api.services import Services
from api.user_tokens import store
from models.directory import MemberCompany, SeenCompany, SeenPerson
from providers.procore.client import ProcoreClient
from providers.procore.errors import (
    ProcoreAppNotInstalled,
    ProcoreError,
    ProcoreForbidden,
    ProcoreGrantRefused,
    ProcoreNotFound,
)
from providers.procore.oauth import ProcoreTokens
from providers.procore.paging import all_records
from providers.procore.people import ProcoreCompany
from providers.procore.permissions import is_company_admin
from providers.procore.token_source import HeldToken


@dataclass(frozen=True)
class SignIn:
    """Who signed in, and the company they see first; None when no company has installed the app."""

    user_id: UUID
    company_id: UUID | None
    is_support: bool
    session_epoch: int


async def sign_in(services: Services, code: str) -> SignIn:
    """Trade the code, ask Procore who it is and where they are admin, and remember it. Raises Problem."""
    try:
        tokens = await services.procore_oauth.exchange_code(code)
        person, companies = await _look_up(services, tokens)
    except ProcoreGrantRefused as refused:
        raise Problem(
            400,
            "sign_in_expired",
            "Procore did not accept this sign-in: it was used before or is too old. Start again.",
        ) from refused
    except ProcoreError as silent:
        raise Problem(
            503, "procore_unavailable", "Procore could not complete the sign-in. Try again in a few minutes."
        ) from silent
    user = await people.remember(services, person, companies)
    await store(services, user.user_id, tokens)
    return SignIn(user.user_id, _first_company(user.companies), user.is_support, user.session_epoch)


def _first_company(companies: tuple[MemberCompany, ...]) -> UUID | None:
    """Where there is most to do: a company with the feature on and the person its admin, before the others."""
    best = max(companies, key=lambda one: (one.feature_enabled, one.is_company_admin), default=None)
    return best.company_id if best else None


async def _look_up(services: Services, tokens: ProcoreTokens) -> tuple[SeenPerson, list[SeenCompany]]:
    def client(company_id: str | None) -> ProcoreClient:
        return ProcoreClient(
            services.settings.procore_api_url, services.http, HeldToken(tokens.access_token), company_id
        )

    me = await client(None).me()
    listed = [company for company in await all_records(client(None).companies()) if company.is_active]
    looks = await asyncio.gather(*(_look_into(client(company.id), company) for company in listed))
    found = [look for look in looks if look is not None]
    name = next((name for _, name in found if name), me.login)
    return SeenPerson(me.id, me.login, name), [company for company, _ in found]


async def _look_into(client: ProcoreClient, company: ProcoreCompany) -> tuple[SeenCompany, str] | None:
    """The company with the person's rights in it, and their name there.

    None where the app is not installed, and for people of other firms: a subcontractor has a Procore login in the
    contractor's company too, and must not read its other subcontractors' invoices.
    """
    try:
        is_admin = is_company_admin(await client.permissions())
        user = await client.company_user()
    except (ProcoreAppNotInstalled, ProcoreForbidden, ProcoreNotFound):
        return None
    if user.is_employee is False and not is_admin:
        return None
    return SeenCompany(company.id, company.name, is_admin), user.name
