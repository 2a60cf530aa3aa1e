"""The demo world has the size, the variety and the stability it promises."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from simulators.world.demo import demo_world
from simulators.world.documents import Documents, as_json
from simulators.world.requisitions import STATUSES
from simulators.world.verify import verify

HALVORSEN, CASCADE, TIDEWATER = 4907, 562949953434271, 562949953440015
REASONS = {
    "bill": {"eligible"},
    "nothing_to_post": {"all_zero"},
    "not_imported": {"not_approved", "before_start", "origin_id", "erp", "pushed"},
    "held": {
        "own_service_account",
        "approval_date_unknown",
        "reapproved_changed",
        "negative_total",
        "retainage_release",
        "amounts_disagree",
        "small_difference",
        "no_cost_code",
        "rejected_line",
        "third_decimal",
        "currency",
        "vendor_unmapped",
        "project_unmapped",
    },
}


def test_it_verifies(demo: Documents) -> None:
    assert verify(demo).startswith("463 requisitions, ")


def test_sizes(demo: Documents) -> None:
    procore, expected = demo.procore, demo.expected
    ours = {p["id"] for p in procore["projects"] if p["company_id"] == HALVORSEN}
    assert len(ours) == 12
    assert sum(vendor["company_id"] == HALVORSEN for vendor in procore["vendors"]) == 60
    requisitions = [row for row in procore["requisitions"] if row["project_id"] in ours]
    assert len(requisitions) == 400
    assert {str(row["id"]) for row in requisitions} == set(expected["requisitions"])
    assert len(expected["other_companies"][str(CASCADE)]) == 3
    assert len(expected["desktop"]["requisitions"]) == 60
    assert len(procore["users"]) == 8
    assert [company["id"] for company in procore["companies"]] == [HALVORSEN, CASCADE, TIDEWATER]
    billed_vendors = {row["vendor_id"] for row in requisitions}
    assert len(billed_vendors) == 60


def test_zones_differ(demo: Documents) -> None:
    zones = [p["time_zone"] for p in demo.procore["projects"] if p["company_id"] == HALVORSEN]
    assert len(set(zones)) == 12
    assert all(ZoneInfo(zone) for zone in zones)


def test_every_status_and_every_reason_occurs(demo: Documents) -> None:
    assert {row["status"] for row in demo.procore["requisitions"]} == set(STATUSES)
    seen = Counter((o["verdict"], o["reason"]) for o in demo.expected["requisitions"].values())
    assert set(seen) == {(verdict, reason) for verdict, reasons in REASONS.items() for reason in reasons}
    assert min(count for pair, count in seen.items() if pair != ("held", "small_difference")) >= 2
    assert 150 <= seen["bill", "eligible"] <= 185


def test_two_runs_are_byte_equal(demo: Documents) -> None:
    again = demo_world()
    for name, document in demo.by_file().items():
        assert as_json(document) == as_json(again.by_file()[name]), name


def test_both_widths_of_ids_occur(demo: Documents) -> None:
    for kind in ("companies", "users", "projects", "vendors", "commitments", "requisitions"):
        wide = [row["id"] > 2**32 for row in demo.procore[kind]]
        assert any(wide), kind
        assert not all(wide), kind


def test_chains_are_monthly(demo: Documents) -> None:
    lengths = Counter(row["commitment_id"] for row in demo.procore["requisitions"])
    assert max(lengths.values()) >= 5
    assert all(row["requisition_end"][:7] == row["requisition_start"][:7] for row in demo.procore["requisitions"])
    assert sum(item["item_type"] != "contract_item" for r in demo.procore["requisitions"] for item in r["items"]) > 10


def test_times_are_in_order_and_past(demo: Documents) -> None:
    for row in demo.procore["requisitions"]:
        assert row["created_at"] <= row["updated_at"] < "2026-09-30", row["id"]
    updated = {row["id"]: row["updated_at"] for row in demo.procore["requisitions"]}
    for change in demo.procore["change_histories"]:
        assert change["created_at"] <= updated[change["requisition_id"]]


def test_history_leads_to_the_status(demo: Documents) -> None:
    moves: dict[int, list[dict[str, str]]] = {}
    for change in demo.procore["change_histories"]:
        if change["column"] == "status":
            moves.setdefault(change["requisition_id"], []).append(change)
    without = 0
    for row in demo.procore["requisitions"]:
        steps = moves.get(row["id"], [])
        without += not steps
        if steps:
            assert _spelled(steps[-1]["new_value"]) == row["status"], row["id"]
            assert [step["old_value"] for step in steps[1:]] == [_spelled(step["new_value"]) for step in steps[:-1]]
    assert without == 6


def _spelled(label: str) -> str:
    return label.lower().replace(" ", "_")


@pytest.mark.parametrize(("hour", "reason"), [(23, "before_start"), (0, "eligible")])
def test_approvals_within_the_hour_around_the_start(demo: Documents, hour: int, reason: str) -> None:
    zones = {p["id"]: ZoneInfo(p["time_zone"]) for p in demo.procore["projects"]}
    rows = {r["id"]: r for r in demo.procore["requisitions"]}
    near = set()
    for change in demo.procore["change_histories"]:
        row = rows[change["requisition_id"]]
        moment = datetime.strptime(change["created_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        local = moment.astimezone(zones[row["project_id"]])
        if f"{local:%m-%d}" in ("05-31", "06-01") and local.hour == hour and "approved" in change["new_value"]:
            near.add(row["id"])
            assert demo.expected["requisitions"][str(row["id"])]["reason"] == reason
    assert len(near) >= 2


def test_amounts_are_printed_with_varying_decimals(demo: Documents) -> None:
    decimals = Counter(
        len(item["gross_amount"].partition(".")[2]) for r in demo.procore["requisitions"] for item in r["items"]
    )
    assert {0, 1, 2, 3} <= set(decimals)


def test_script_speaks_of_requisitions_in_the_right_status(demo: Documents) -> None:
    script = demo.expected["script"]
    expected = demo.expected["requisitions"]
    by_id = {row["id"]: row for row in demo.procore["requisitions"]}
    waiting = [
        *script["approve"],
        script["unapprove"]["before_import"],
        script["approve_after_off"],
        *script["spare_under_review"],
        *script["during_life"],
    ]
    assert len(script["approve"]) == 5
    for act in waiting:
        assert by_id[act["requisition_id"]]["status"] == "under_review"
        assert expected[str(act["requisition_id"])] == {"verdict": "not_imported", "reason": "not_approved"}
    standing = [script["unapprove"]["before_send"], script["unapprove"]["after_posting"]]
    for act in standing:
        assert expected[str(act["requisition_id"])] == {
            "verdict": "bill",
            "reason": "eligible",
            "bill": act["bill"],
        }
    acted = [act["requisition_id"] for act in (*waiting, *standing)]
    assert len(acted) == len(set(acted))
    for act in (*waiting, *standing):
        row = by_id[act["requisition_id"]]
        assert Decimal(act["bill"]["total"]) == Decimal(row["summary"]["current_payment_due"])
        assert act["bill"]["date"] == row["billing_date"]
        assert sum(Decimal(line["amount"]) for line in act["bill"]["lines"]) == Decimal(act["bill"]["total"])


def test_upload_adds_up_and_its_number_is_new(demo: Documents) -> None:
    upload = demo.expected["script"]["upload"]
    assert sum(Decimal(line["amount"]) for line in upload["lines"]) == Decimal(upload["fields"]["total"])
    assert upload["bill"]["total"] == upload["fields"]["total"] == "5764.75"
    assert upload["fields"]["invoice_number"] not in {r["invoice_number"] for r in demo.procore["requisitions"]}


def test_unknown_approval_dates_cannot_be_told_from_other_times(demo: Documents) -> None:
    rows = {str(row["id"]): row for row in demo.procore["requisitions"]}
    unknown = [
        rows[identity]
        for identity, outcome in demo.expected["requisitions"].items()
        if outcome["reason"] == "approval_date_unknown"
    ]
    for row in unknown:
        assert row["created_at"] < "2026-05-31" < "2026-06-02" < row["updated_at"], row["id"]
