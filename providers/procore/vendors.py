"""Vendors of the company directory (`/rest/v1.0/vendors`)."""

from __future__ import annotations

from providers.procore.wire import Instant, OnUnlessFalse, Text, TextOrBlank, WireId, WireModel


class ProcoreVendor(WireModel):
    """A company that invoices. `synced_to_erp` true means that Procore's own connector already handles it."""

    id: WireId
    name: Text
    legal_name: TextOrBlank = ""
    trade_name: TextOrBlank = ""
    is_active: OnUnlessFalse = True
    email_address: TextOrBlank = ""
    business_phone: TextOrBlank = ""
    address: TextOrBlank = ""
    city: TextOrBlank = ""
    zip: TextOrBlank = ""
    origin_id: Text | None = None
    origin_code: Text | None = None
    synced_to_erp: bool | None = None
    updated_at: Instant | None = None
