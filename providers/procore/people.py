"""Who a token speaks for, and in which Procore companies."""

from __future__ import annotations

from providers.procore.wire import OnUnlessFalse, Text, TextOrBlank, WireId, WireModel


class Me(WireModel):
    """`GET /rest/v1.0/me`. `id` is the same in every company; `name` is blank unless a company was named."""

    id: WireId
    login: Text
    name: TextOrBlank = ""


class ProcoreCompany(WireModel):
    """One row of `GET /rest/v1.0/companies`: a company this token may enter."""

    id: WireId
    name: Text
    is_active: OnUnlessFalse = True


class CompanyUser(WireModel):
    """`GET /rest/v1.0/companies/{company_id}/me`. It holds no admin flag: see `permissions`."""

    id: WireId
    name: TextOrBlank = ""
    email_address: TextOrBlank = ""
    is_active: OnUnlessFalse = True
    is_employee: bool | None = None
