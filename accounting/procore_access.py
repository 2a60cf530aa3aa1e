"""How Procore lets inBuild in: a company's authorisation and a project's, in words that name what a person can mend.

Lost access is never read as deleted data: nothing is withdrawn because of it, everything waits.
"""

from enum import StrEnum


class ProcoreAccess(StrEnum):
    OK = "ok"
    APP_NOT_INSTALLED = "app_not_installed"
    PERMISSION_MISSING = "permission_missing"
    CLIENT_REFUSED = "client_refused"


SENTENCES: dict[ProcoreAccess, str] = {
    ProcoreAccess.OK: "",
    ProcoreAccess.APP_NOT_INSTALLED: "inBuild Sync is not installed in this Procore company any more. A Procore "
    "company admin installs it again in App Management and chooses its permitted projects; imports then go on by "
    "themselves.",
    ProcoreAccess.PERMISSION_MISSING: "Procore no longer lets inBuild read this company's projects or invoices. A "
    "Procore company admin checks the permitted projects and the permissions of inBuild's service account in App "
    "Management; imports then go on by themselves.",
    ProcoreAccess.CLIENT_REFUSED: "Procore refuses inBuild's own sign-in. inBuild support has to mend it; imports then "
    "go on by themselves.",
}

PROJECT_GONE = (
    "Procore no longer shows this project to inBuild. A Procore company admin checks the app's permitted projects; "
    "nothing is taken back meanwhile."
)


def company_sentence(access: ProcoreAccess) -> str:
    """What is wrong with the company's authorisation and who mends it; empty while nothing is."""
    return SENTENCES[access]


def project_sentence(said: str) -> str:
    """What is wrong with one project; ``said`` is Procore's own text."""
    return (
        f"Procore does not let inBuild read this project's invoices ({said}). A Procore company admin checks the app's "
        "permitted projects and the service account's permissions."
    )


def company_access(visible: int, refused: int, hidden: int) -> ProcoreAccess:
    """What the projects tell about a company that answers: one lost project is that project's trouble, all of them are
    the company's. A company that never had a project has lost nothing.
    """
    if visible == 0:
        return ProcoreAccess.PERMISSION_MISSING if hidden else ProcoreAccess.OK
    return ProcoreAccess.PERMISSION_MISSING if refused == visible else ProcoreAccess.OK
