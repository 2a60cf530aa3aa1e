"""The bench world: as many plain invoices as asked for, every one of them eligible."""

from __future__ import annotations

from collections import Counter

from simulators.world.documents import Documents
from simulators.world.verify import verify


def test_it_verifies(bench: Documents) -> None:
    assert verify(bench).startswith("60 requisitions, 60 bills")


def test_every_invoice_posts_five_lines(bench: Documents) -> None:
    outcomes = bench.expected["requisitions"].values()
    assert {outcome["verdict"] for outcome in outcomes} == {"bill"}
    assert {len(outcome["bill"]["lines"]) for outcome in outcomes} == {5}
    assert {len(row["items"]) for row in bench.procore["requisitions"]} == {4}


def test_twenty_projects_share_them_evenly(bench: Documents) -> None:
    spread = Counter(row["project_id"] for row in bench.procore["requisitions"])
    assert len(spread) == len(bench.procore["projects"]) == 20
    assert set(spread.values()) == {3}


def test_totals_differ(bench: Documents) -> None:
    totals = [outcome["bill"]["total"] for outcome in bench.expected["requisitions"].values()]
    assert len(set(totals)) == len(totals)
