"""From what Procore refuses to who has to mend it: the company's authorisation, or one project's."""

from accounting.procore_access import ProcoreAccess, project_sentence
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
