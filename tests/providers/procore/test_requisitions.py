"""Reading a requisition from its stored text: never an exception, always a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.procore.requisitions import Requisition, read_requisition
from providers.procore.wire import Unreadable
from tests.exchanges.matching import FOLDER

WORLD = json.loads((FOLDER / "procore_world.json").read_text("utf-8"))


@pytest.mark.parametrize("wire", WORLD["requisitions"], ids=lambda wire: str(wire["id"]))
def test_every_requisition_of_the_fixture_reads_and_adds_up(wire: dict[str, Any]) -> None:
    text = json.dumps(wire)
    requisition = read_requisition(text)
    assert isinstance(requisition, Requisition)
    assert requisition.raw == text
    assert sum(item.net_amount for item in requisition.items) == requisition.summary.current_payment_due
    assert read_requisition(requisition.raw) == requisition


def test_the_raw_text_does_not_show_in_a_log() -> None:
    requisition = read_requisition(json.dumps({**WORLD["requisitions"][0], "comment": "canary-document"}))
    assert isinstance(requisition, Requisition)
    assert "canary-document" not in repr(requisition) + str(requisition)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"summary": None}, "summary"),
        ({"summary": {}}, "summary.current_payment_due"),
        ({"status": None}, "status"),
        ({"updated_at": None}, "updated_at"),
        ({"items": {}}, "items"),
        ({"items": [{"id": 1, "gross_amount": None, "net_amount": "1"}]}, "items.0.gross_amount"),
        ({"billing_date": "30/06/2026"}, "billing_date"),
        ({"vendor_name": "a\x00b"}, "vendor_name"),
        ({"number": "2.5"}, "number"),
    ],
)
def test_a_field_of_the_wrong_shape_is_named(change: dict[str, Any], reason: str) -> None:
    result = read_requisition(json.dumps({**WORLD["requisitions"][1], **change}))
    assert isinstance(result, Unreadable)
    assert result.reason.startswith(reason)
    assert result.id == "58820"


@pytest.mark.parametrize(
    "change",
    [
        {"status": "some_new_status", "erp_status": None, "origin_id": None},
        {"created_by": None, "currency_configuration": None, "tax_summary": None, "items": None},
        {"vendor_id": None, "vendor_name": None, "billing_date": None, "invoice_number": 1042},
        {"final": "perhaps", "payment_date": "soon", "commitment_type": None, "attachments": [7]},
    ],
)
def test_nulls_new_words_and_what_nobody_uses_do_no_harm(change: dict[str, Any]) -> None:
    assert isinstance(read_requisition(json.dumps({**WORLD["requisitions"][1], **change})), Requisition)


@given(st.text())
def test_any_text_gives_an_answer(text: str) -> None:
    result = read_requisition(text)
    assert isinstance(result, Unreadable)
    assert result.raw == text
