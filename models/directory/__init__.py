"""The only package that looks across companies: who signs in, which companies they belong to, and where an id lives.

Its functions take the unit of work that ``Database.directory`` opens. Nothing here returns a company's own records:
only who belongs where, and ids.
"""

from models.directory.called_hooks import CalledHook, called_hooks
from models.directory.people import (
    MemberCompany,
    SeenCompany,
    SeenPerson,
    SignedInUser,
    company_id_of_procore,
    end_sessions,
    grant_support,
    record_sign_in,
    signed_in_user,
)
from models.directory.personal_tokens import (
    SealedTokens,
    forget_user_tokens,
    store_user_tokens,
    take_refresh_token,
    user_tokens,
)
from models.directory.realms import (
    CompanyOfRealm,
    companies_of_realms,
    company_of_realm,
    realm_is_being_connected,
    realm_is_held,
)
from models.directory.running import (
    RunningAttempt,
    RunningCompany,
    RunningConnection,
    attempts_to_run,
    companies_to_run,
    companies_with_paperwork,
    connections_to_run,
)
from models.directory.support import FoundIds, find_for_support
from models.directory.web_connector import CalledLogin, CalledSession, called_login, called_session, ticket_sha256

__all__ = [
    "CalledHook",
    "CalledLogin",
    "CalledSession",
    "CompanyOfRealm",
    "FoundIds",
    "MemberCompany",
    "RunningAttempt",
    "RunningCompany",
    "RunningConnection",
    "SealedTokens",
    "SeenCompany",
    "SeenPerson",
    "SignedInUser",
    "attempts_to_run",
    "called_hooks",
    "called_login",
    "called_session",
    "companies_of_realms",
    "companies_to_run",
    "companies_with_paperwork",
    "company_id_of_procore",
    "company_of_realm",
    "connections_to_run",
    "end_sessions",
    "find_for_support",
    "forget_user_tokens",
    "grant_support",
    "realm_is_being_connected",
    "realm_is_held",
    "record_sign_in",
    "signed_in_user",
    "store_user_tokens",
    "take_refresh_token",
    "ticket_sha256",
    "user_tokens",
]
