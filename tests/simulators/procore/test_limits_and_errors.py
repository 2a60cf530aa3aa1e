from __future__ import annotations

import pytest

from simulators.procore.errors import NO_ACCESS
from tests.simulators.procore.account import ADA, COMPANY, HIDDEN, TOWER, Procore

ME = "/rest/v1.0/me"


async def test_without_limits_nothing_is_said_about_them(dmsa: Procore) -> None:
    assert "x-rate-limit-limit" not in (await dmsa.get(ME)).headers


async def test_the_tighter_window_is_reported(dmsa: Procore) -> None:
    await dmsa.control("POST", "switches", {"hourly_limit": 4, "spike_limit": 3})
    reported = [(await dmsa.get(ME)).headers for _ in range(3)]
    assert [answer["x-rate-limit-limit"] for answer in reported] == ["3", "3", "3"]
    assert [answer["x-rate-limit-remaining"] for answer in reported] == ["2", "1", "0"]
    assert 0 < int(reported[0]["x-rate-limit-reset"]) - dmsa.simulator.clock.timestamp() <= 11
    spike = await dmsa.get(ME)
    assert spike.status_code == 429
    assert "surpassed the max number of requests" in spike.json()["message"]
    assert "retry-after" not in spike.headers

    await dmsa.control("POST", "clock", {"advance_seconds": 10})
    assert (await dmsa.get(ME)).headers["x-rate-limit-limit"] == "4"
    hour = await dmsa.get(ME)
    assert (hour.status_code, hour.headers["x-rate-limit-limit"]) == (429, "4")
    await dmsa.control("POST", "switches", {"retry_after_on_429": True})
    assert 3500 < int((await dmsa.get(ME)).headers["retry-after"]) <= 3600
    await dmsa.control("POST", "clock", {"advance_seconds": 3600})
    assert (await dmsa.get(ME)).status_code == 200


async def test_callers_do_not_share_an_allowance(dmsa: Procore) -> None:
    ada = await dmsa.signed_in(ADA)
    await dmsa.control("POST", "switches", {"hourly_limit": 1})
    assert [(await dmsa.get(ME)).status_code, (await dmsa.get(ME)).status_code] == [200, 429]
    assert (await ada.get(ME)).status_code == 200


async def test_calls_are_counted_by_caller(dmsa: Procore) -> None:
    ada = await dmsa.signed_in(ADA)
    await dmsa.get(f"/rest/v1.0/projects/{TOWER}")
    await dmsa.get(f"/rest/v1.0/projects/{HIDDEN}")
    await ada.get(ME)
    await dmsa.http.get(ME)
    calls = await dmsa.control("GET", "calls")
    assert calls["total"] == 3
    assert calls["callers"]["app:client_credentials"] == {"total": 2, "GET /rest/v1.0/projects/{id}": 2}
    assert calls["callers"]["app:ada@harborvale.example"]["total"] == 1
    counters = await dmsa.control("GET", "counters")
    assert counters["by_label"]["GET /rest/v1.0/projects/{id}"] == 2
    assert counters["by_label"]["POST /oauth/token"] == 2
    assert (await dmsa.control("DELETE", "calls"))["total"] == 0


SHAPES = {
    "errors_list": {"errors": [NO_ACCESS]},
    "errors_object": {"errors": {"base": [NO_ACCESS]}},
    "errors_text": {"errors": NO_ACCESS},
    "error_text": {"error": NO_ACCESS},
    "message": {"message": NO_ACCESS},
    "message_exception": {"message": NO_ACCESS, "exception": "Procore::Forbidden"},
    "code_message": {"code": 403, "message": NO_ACCESS, "fields": ""},
    "reason_error": {"reason": NO_ACCESS, "error": "forbidden"},
    "v2": {
        "error": {
            "code": "FORBIDDEN",
            "message": NO_ACCESS,
            "details": [{"reason_code": "FORBIDDEN", "message": NO_ACCESS, "source": "base"}],
        }
    },
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_an_error_can_come_in_any_reported_shape(dmsa: Procore, shape: str) -> None:
    await dmsa.control("POST", "switches", {"error_shape": shape})
    answer = await dmsa.get(f"/rest/v1.0/projects/{HIDDEN}", {"company_id": COMPANY})
    assert (answer.status_code, answer.json()) == (403, SHAPES[shape])


async def test_v2_errors_come_in_the_v2_form(dmsa: Procore) -> None:
    answer = await dmsa.get(f"/rest/v2.0/companies/{COMPANY}/projects/1/commitment_contracts")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("switches", [{"unheard_of": 1}, {"hourly_limit": "many"}, {"list_order": "sideways"}])
async def test_a_wrong_switch_changes_nothing(procore: Procore, switches: dict[str, object]) -> None:
    answer = await procore.http.post("/control/switches", json={"spike_limit": 7, **switches})
    assert answer.status_code == 422
    assert (await procore.control("GET", "switches"))["spike_limit"] == 0
