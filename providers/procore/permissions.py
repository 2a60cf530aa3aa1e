"""The permission manifest of the calling user, and who is a company admin by it.

Procore defines a company admin as a user with Admin on the company-level Directory tool, which makes the
user Admin on every other company tool but Payments (support.procore.com/faq/what-is-a-company-admin). No
user object carries a flag for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from providers.procore.wire import NullIsEmpty, OffUnlessTrue, Text, TextOrBlank, WireId, WireModel

ADMIN_LEVEL = "Admin"


class AccessLevel(WireModel):
    """1 None, 2 Read Only, 3 Standard, 4 Admin; the name decides, the numbers are not documented as fixed."""

    id: WireId
    name: Text


class Tool(WireModel):
    """One tool of the manifest."""

    name: Text
    friendly_name: TextOrBlank = ""
    available_for_user: OffUnlessTrue = False
    user_access_level: AccessLevel | None = None

    @property
    def is_admin(self) -> bool:
        """Open to this user, at level Admin."""
        level = self.user_access_level
        return self.available_for_user and level is not None and level.name == ADMIN_LEVEL


class Permissions(WireModel):
    """`GET /rest/v1.0/settings/permissions`: the tools of one company or project, for the calling user
    only.
    """

    tools: Annotated[tuple[Tool, ...], NullIsEmpty]


@dataclass(frozen=True, slots=True)
class CompanyAdminRule:
    """The tool names the verdict rests on. Procore documents no list of them, hence settings, not
    constants.
    """

    directory: frozenset[str] = frozenset({"directory"})
    confirming: frozenset[str] = frozenset({"admin"})
    payments: frozenset[str] = frozenset({"payments", "procore_pay", "procore_payments"})


DEFAULT_COMPANY_ADMIN_RULE = CompanyAdminRule()


def is_company_admin(permissions: Permissions, rule: CompanyAdminRule = DEFAULT_COMPANY_ADMIN_RULE) -> bool:
    """Whether the company manifest is a company admin's. In doubt: no.

    The Directory tool decides, and a confirming tool must not contradict it. A manifest without a
    Directory tool under its known names needs Admin on every tool open to the user, Payments aside.
    """
    named = [(tool.name.strip().lower(), tool) for tool in permissions.tools]
    if any(name in rule.directory for name, _ in named):
        deciding = [tool for name, tool in named if name in rule.directory | rule.confirming]
    else:
        deciding = [tool for name, tool in named if tool.available_for_user and name not in rule.payments]
    return bool(deciding) and all(tool.is_admin for tool in deciding)
