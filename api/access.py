"""Who is asking, and what they may do. Every route names one of the roles below; none reads a user or company itself.

Reading trusts Procore's verdict for ten minutes, and the stored one when Procore cannot be asked. Changing a setting
asks Procore each time, with the person's own token; no answer means no.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from api import people
from api.problems import Problem, feature_off, not_accountant, not_admin, not_signed_in, not_support
from api.services import Services
from api.user_tokens import SignInAgain, procore_as
from foundation.telemetry import current_traceparent
from models import members
from models.database import Actor
from models.directory import MemberCompany, SignedInUser
from models.tables import ActorKind
from providers.procore.errors import (
    ProcoreAppNotInstalled,
    ProcoreError,
    ProcoreForbidden,
    ProcoreNotFound,
    ProcoreUnauthorized,
)
from providers.procore.paging import all_records
from providers.procore.permissions import is_company_admin

SESSION_USER = "user"
SESSION_EPOCH = "epoch"
SESSION_COMPANY = "company"

# Procore: permissions can be withdrawn at any time; ten minutes bounds how long a reader may see one page too many.
VERDICT_LIFETIME = timedelta(minutes=10)
# Seconds a page waits for Procore's verdict before it shows what is stored.
READ_PATIENCE = 3.0


@dataclass(frozen=True)
class Visitor:
    """The person behind a request, and the company they have chosen."""

    user: SignedInUser
    company: MemberCompany

    @property
    def user_id(self) -> UUID:
        return self.user.user_id

    @property
    def company_id(self) -> UUID:
        return self.company.company_id

    @property
    def is_admin(self) -> bool:
        return self.company.is_company_admin

    @property
    def may_work_on_invoices(self) -> bool:
        return self.company.is_company_admin or self.company.is_accountant

    @property
    def may_open_integrations(self) -> bool:
        return self.company.feature_enabled and self.company.is_company_admin

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.USER, str(self.user_id), traceparent=current_traceparent())


class CheckFailed(Exception):
    """Procore could not be asked, or would not say."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesNow = Annotated[Services, Depends(services_of)]


async def signed_in_user(request: Request, services: ServicesNow) -> SignedInUser:
    """The person behind the session cookie. Raises Problem 401."""
    try:
        user_id = UUID(request.session[SESSION_USER])
    except (KeyError, ValueError, TypeError):
        raise not_signed_in() from None
    user = await people.person(services, user_id)
    # A cookie cannot be taken back: one that was copied before its person signed out is of an earlier epoch.
    if user is None or request.session.get(SESSION_EPOCH, 0) != user.session_epoch:
        raise not_signed_in()
    return user


async def member(request: Request, services: ServicesNow) -> Visitor:
    """A person of the chosen company; without a choice, of their first one. Raises Problem 401 and 403."""
    user = await signed_in_user(request, services)
    if not user.companies:
        raise Problem(
            403,
            "no_company",
            "None of your Procore companies has installed inBuild Sync. Ask a company admin to install it in Procore's "
            "App Management, then sign in again.",
        )
    chosen = request.session.get(SESSION_COMPANY)
    company = next((one for one in user.companies if str(one.company_id) == chosen), user.companies[0])
    visitor = Visitor(user, company)
    # What is refused from here on is told within the frame of the person's own company.
    request.state.visitor = visitor
    if services.clock.now() - company.checked_at < VERDICT_LIFETIME:
        return visitor
    try:
        async with asyncio.timeout(READ_PATIENCE):
            return await check_again(services, visitor)
    except (CheckFailed, TimeoutError):
        return visitor


async def check_again(services: Services, visitor: Visitor) -> Visitor:
    """Ask Procore whether the person is a company admin now. Raises CheckFailed, and Problem 401 for a lost member."""
    company = visitor.company
    try:
        client = await procore_as(services, visitor.user_id, company.procore_company_id)
        try:
            admin = is_company_admin(await client.permissions())
        except ProcoreAppNotInstalled:
            # Procore says the same to somebody who was removed from the company; its list of companies tells which.
            anywhere = await procore_as(services, visitor.user_id, None)
            listed = await all_records(anywhere.companies())
            if all(one.id != company.procore_company_id for one in listed):
                raise await _membership_ended(services, visitor) from None
            raise
    except (ProcoreForbidden, ProcoreNotFound):
        raise await _membership_ended(services, visitor) from None
    except (SignInAgain, ProcoreUnauthorized) as ended:
        raise CheckFailed(
            Problem(
                403,
                "cannot_confirm_admin",
                "Procore no longer accepts your sign-in, so inBuild cannot confirm that you are a company admin. "
                "Sign out, sign in again and repeat this.",
            )
        ) from ended
    except ProcoreAppNotInstalled as uninstalled:
        raise CheckFailed(
            Problem(
                403,
                "app_not_installed",
                f"inBuild Sync is not installed in {company.name} any more. Install it again in Procore's App "
                "Management, then repeat this.",
            )
        ) from uninstalled
    except ProcoreError as silent:
        raise CheckFailed(
            Problem(
                503,
                "cannot_confirm_admin",
                "Procore does not answer, so inBuild cannot confirm that you are a company admin. Nothing was changed; "
                "try again in a few minutes.",
            )
        ) from silent
    async with services.database.company(company.company_id, visitor.actor) as session:
        await members.store_verdict(session, visitor.user_id, admin)
    checked = replace(company, is_company_admin=admin, checked_at=services.clock.now())
    return replace(visitor, company=checked)


async def _membership_ended(services: Services, visitor: Visitor) -> Problem:
    company = visitor.company
    async with services.database.company(company.company_id, visitor.actor) as session:
        await members.end_membership(session, visitor.user_id)
    return Problem(401, "membership_ended", f"Procore no longer lets you into {company.name}. Sign in again.")


async def confirmed_admin(services: Services, visitor: Visitor) -> Visitor:
    """A company admin as Procore says this very moment. Raises Problem when not, or when Procore cannot be asked."""
    require_feature(visitor)
    try:
        checked = await check_again(services, visitor)
    except CheckFailed as failed:
        raise failed.problem from failed
    if not checked.is_admin:
        raise not_admin()
    return checked


def require_feature(visitor: Visitor) -> None:
    if not visitor.company.feature_enabled:
        raise feature_off()


def require_integrations(visitor: Visitor) -> None:
    """The feature must be on, which is said first, and the person a company admin."""
    require_feature(visitor)
    if not visitor.is_admin:
        raise not_admin()


Member = Annotated[Visitor, Depends(member)]


async def _reading_admin(visitor: Member) -> Visitor:
    require_integrations(visitor)
    return visitor


async def _changing_admin(visitor: Member, services: ServicesNow) -> Visitor:
    return await confirmed_admin(services, visitor)


async def _accountant(visitor: Member) -> Visitor:
    if not visitor.may_work_on_invoices:
        raise not_accountant()
    return visitor


@dataclass(frozen=True)
class SupportPerson:
    """A member of inBuild support. They work in no company: they read, and enable the feature."""

    user: SignedInUser

    company: None = None
    is_admin: bool = False
    may_open_integrations: bool = False

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.SUPPORT, str(self.user.user_id), traceparent=current_traceparent())


async def _support(request: Request, user: Annotated[SignedInUser, Depends(signed_in_user)]) -> SupportPerson:
    if not user.is_support:
        raise not_support()
    person = SupportPerson(user)
    request.state.visitor = person
    return person


SignedIn = Annotated[SignedInUser, Depends(signed_in_user)]
ReadingAdmin = Annotated[Visitor, Depends(_reading_admin)]
ChangingAdmin = Annotated[Visitor, Depends(_changing_admin)]
Accountant = Annotated[Visitor, Depends(_accountant)]
Support = Annotated[SupportPerson, Depends(_support)]

RoleCheck = Callable[..., Awaitable[Visitor | SupportPerson]]
ROLES: tuple[RoleCheck, ...] = (member, _reading_admin, _changing_admin, _accountant, _support)
"""Every route behind the sign-in depends on one of these; a test holds the routes to it."""
