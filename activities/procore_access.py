"""From what Procore refuses to who has to mend it: the company's authorisation, or one project's."""

from accounting.procore_access import ProcoreAccess, company_sentence, project_sentence
from models.database import CompanySession
from models.procore_access import access_is, procore_access
from models.projects import project_refused
from providers.procore.errors import (
    ProcoreAppNotInstalled,
    ProcoreClientRefused,
    ProcoreError,
    ProcoreForbidden,
    ProcoreGrantRefused,
    ProcoreNotFound,
    ProcoreUnauthorized,
)


def company_lost(error: ProcoreError) -> ProcoreAccess | None:
    """How a call that no project can answer for was refused; None where the company's authorisation is not in doubt.

    A plain 401 with a fresh token is what an uninstalled app gets too (Procore: documentation/platform_concepts/
    building_apps_install_arch.md).
    """
    match error:
        case ProcoreAppNotInstalled():
            return ProcoreAccess.APP_NOT_INSTALLED
        case ProcoreClientRefused() | ProcoreGrantRefused():
            return ProcoreAccess.CLIENT_REFUSED
        case ProcoreUnauthorized():
            return ProcoreAccess.APP_NOT_INSTALLED
        case ProcoreForbidden() | ProcoreNotFound():
            return ProcoreAccess.PERMISSION_MISSING
        case _:
            return None


def is_of_project(error: ProcoreError) -> bool:
    """Whether a refusal may concern the one project that was asked for, rather than the company."""
    return isinstance(error, ProcoreForbidden | ProcoreNotFound)


def in_words(error: ProcoreError) -> str:
    """The sentence for one project."""
    return project_sentence(error.reason.rstrip("."))


async def is_refusal(session: CompanySession, error: ProcoreError) -> bool:
    """Whether an invoice about to be posted waits for a person because of this, rather than for another try.

    One plain 401 may be a token gone stale; it counts once a look has found the company closed.
    """
    if is_of_project(error):
        return True
    if type(error) is ProcoreUnauthorized:
        return (await procore_access(session)).state is not ProcoreAccess.OK
    return company_lost(error) is not None


async def note_refusal(session: CompanySession, project_id: str, error: ProcoreError) -> None:
    """Lost access is the project's or the company's trouble; the look that is let in again frees the invoices."""
    access = None if is_of_project(error) else company_lost(error)
    if access is not None:
        await access_is(session, access, error.reason)
    await project_refused(session, project_id, in_words(error) if access is None else company_sentence(access))
