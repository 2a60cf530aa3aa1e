"""Behaviour switches: one for each point where QuickBooks Desktop is undocumented, or must misbehave on order."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Switches(BaseModel):
    """Settable over /control/switches. Limits of 0 are off."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    # Message-set recovery
    recovery_shape: Literal["ret", "error_recovery", "both"] = Field(
        "ret", description="what the status check of a stored message set answers beside the statuses"
    )
    message_sets_kept: int = Field(0, ge=0, description="older message sets are forgotten; 0: kept for ever")

    # Times
    wrong_summer_offset: bool = Field(True, description="in summer the offset of time stamps is an hour wrong")

    # Values
    raw_non_ascii: Literal["refuse", "accept"] = Field("refuse", description="refuse: 0x80040400 for the whole set")
    bill_without_lines: Literal["accept", "refuse"] = "accept"
    negative_bill_total: Literal["accept", "refuse"] = Field("refuse", description="refuse: 3210")
    inactive_references: Literal["accept", "refuse"] = Field("refuse", description="refuse: 3140")
    default_billable: Literal["Billable", "NotBillable"] = Field(
        "Billable", description="of a line with a customer that does not say"
    )

    # Payments
    payment_touches_bill: bool = Field(True, description="a payment changes TimeModified and EditSequence of its bills")
    linked_amounts: Literal["negative", "positive"] = Field("negative", description="the sign of LinkedTxn/Amount")
    applied_includes_discount: bool = Field(False, description="AppliedToTxnRet/Amount includes DiscountAmount")
    delete_paid_bill: Literal["accept", "refuse"] = Field("refuse", description="TxnDel of a paid bill; refuse: 3160")

    # Queries
    deleted_days: int = Field(90, ge=1, description="how long deletions are remembered")
    iterator_seconds: float = Field(0, ge=0, description="how long an iterator waits for its next page; 0: no limit")

    # The Web Connector
    noop_seconds: float = Field(5, ge=0, description="real seconds between NoOp and the next sendRequestXML")
    answer_seconds: float = Field(90, gt=0, description="real seconds that a call waits for its answer")
    refuse_whitespace: bool = Field(True, description="white space between the elements of an answer breaks the call")
    close_after_refusal: bool = Field(True, description="none, nvu and busy are followed by closeConnection")
    close_after_failure: bool = Field(False, description="a call that failed is followed by closeConnection")
