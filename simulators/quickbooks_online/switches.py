"""Behaviour switches: one for each point where the real service is unknown, or must misbehave on order."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Switches(BaseModel):
    """Settable over /control/switches. Defaults are the reference's section 6; limits of 0 are off."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    # OAuth (reference 1.4, 1.5)
    refresh_grace: bool = Field(False, description="a superseded refresh token still works for 24 hours")
    refresh_rotation_hours: float = Field(24, ge=0, description="age from which a refresh brings a new value")
    access_seconds: int = Field(3600, ge=1)
    code_seconds: int = Field(600, ge=1)
    consent_seconds: int = Field(157_680_000, ge=1, description="five years: no refresh leads beyond it")
    disconnect_answer: Literal["401", "403"] = Field(
        "401", description="what API calls get after the customer disconnected: 401/3200 or 403/3100"
    )
    wrong_environment: bool = Field(False, description="every API call is refused with 403/3100")

    # Limits (3.1, 3.5)
    realm_per_minute: int = Field(500, ge=0)
    realm_app_per_second: int = Field(10, ge=0)
    batch_per_minute: int = Field(40, ge=0)
    batch_realm_per_minute: int = Field(120, ge=0)
    throttle_format: Literal["xml", "json"] = "xml"
    throttle_retry_after: int | None = Field(None, description="seconds in Retry-After; real answers have none")
    coreplus_block_at: int = Field(0, ge=0, description="metered reads a month before 429")

    # requestid (2.3)
    requestid_replays_faults: bool = False
    requestid_on_upload: bool = True
    requestid_retention_seconds: float = Field(0, ge=0, description="0: remembered for ever")

    # Bills (4.2, 4.8)
    negative_lines: Literal["accept", "refuse"] = Field("accept", description="refuse: error 2290")
    zero_total: Literal["accept", "refuse"] = "accept"
    duplicate_number_scope: Literal["vendor", "company"] = Field(
        "vendor", description="where 6140 looks, in companies that warn of duplicate bill numbers"
    )
    payment_bumps_bill: bool = Field(True, description="a payment raises the SyncToken of its bills")
    sparse_bill_update: Literal["accept", "refuse"] = Field("accept", description="refuse: error 500")
    closed_period_code: Literal["6200", "6210"] = "6210"

    # Shapes
    extra_fields: bool = Field(True, description="answers carry fields that no document mentions")
    cdc_cap: Literal["response", "entity"] = "response"
    cdc_limit: int = Field(1000, ge=1)

    # Webhooks (3.4)
    webhook_format: Literal["cloudevents", "legacy"] = "cloudevents"
    webhook_void_word: Literal["void", "voided"] = "void"
    webhook_drop: float = Field(0, ge=0, le=1, description="share of events that are never sent")
    webhook_duplicate: float = Field(0, ge=0, le=1, description="share of events that are sent twice")
    webhook_shuffle: bool = False
    webhook_seed: int = 0
