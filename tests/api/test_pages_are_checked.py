"""Every page that can be opened is visited by a test that holds it to axe, to valid HTML and to the window's width."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from api import pages

HERE = Path(__file__).parent
INTEGRATIONS = "/settings/accounting-integrations"
# Each with the test file that visits it, and the address as it stands there.
CHECKED = {
    "/": ("test_pages_hold_up.py", '"/"'),
    "/alerts": ("test_alerts_in_browser.py", '"/alerts"'),
    "/alerts/preferences": ("test_alerts_in_browser.py", '"/alerts/preferences"'),
    "/invoices": ("test_pages_hold_up.py", '"/invoices"'),
    "/invoices/upload": ("test_pages_hold_up.py", '"/invoices/upload"'),
    "/invoices/{invoice_id}": ("test_pages_hold_up.py", '"/invoices/{invoice_id}"'),
    "/invoices/{invoice_id}/history": ("test_pages_hold_up.py", '"/invoices/{invoice_id}/history?event=1"'),
    "/invoices/{invoice_id}/take-back": ("test_pages_hold_up.py", '"/invoices/{invoice_id}/take-back"'),
    "/month-end": ("test_deciding_pages_hold_up.py", '"/month-end?as_of=2030-01-31"'),
    "/reconciliation": ("test_reconciliation_in_browser.py", '"/reconciliation"'),
    "/reconciliation/report": ("test_reconciliation_in_browser.py", '"/reconciliation/report"'),
    INTEGRATIONS: ("test_pages_hold_up.py", "visits.to(ROOT)"),
    f"{INTEGRATIONS}/{{connection_id}}": ("test_pages_hold_up.py", '"{ROOT}/{connection_id}"'),
    f"{INTEGRATIONS}/{{connection_id}}/mapping": ("test_pages_hold_up.py", '"{here}/mapping"'),
    f"{INTEGRATIONS}/{{connection_id}}/mapping/history": (
        "test_deciding_pages_hold_up.py",
        '"{here}/mapping/history?kind=vendor&procore_id=8881"',
    ),
    f"{INTEGRATIONS}/{{connection_id}}/mapping/sheet": ("test_deciding_pages_hold_up.py", '"{here}/mapping/sheet"'),
    f"{INTEGRATIONS}/{{connection_id}}/mapping/suggestions": (
        "test_deciding_pages_hold_up.py",
        '"{here}/mapping/suggestions"',
    ),
    f"{INTEGRATIONS}/{{connection_id}}/projects": ("test_pages_hold_up.py", '"{here}/projects"'),
    f"{INTEGRATIONS}/{{connection_id}}/retainage": ("test_deciding_pages_hold_up.py", '"{here}/retainage"'),
    "/settings/company": ("test_pages_hold_up.py", '"/settings/company"'),
    "/settings/procore": ("test_pages_hold_up.py", '"/settings/procore"'),
    "/settings/webhooks": ("test_alerts_in_browser.py", '"/settings/webhooks"'),
    "/support": ("test_pages_hold_up.py", '"/support?text=hartwell"'),
    "/support/companies/{company_id}": ("test_pages_hold_up.py", '"/support/companies/{company_id}"'),
    "/support/companies/{company_id}/invoices/{invoice_id}": ("test_pages_hold_up.py", '"{seen}"'),
    "/support/companies/{company_id}/invoices/{invoice_id}/history": ("test_pages_hold_up.py", '"{seen}/history'),
    "/takings-back/{taking_back_id}": ("test_pages_hold_up.py", '"/takings-back/{asked.id}"'),
    "/why": ("test_deciding_pages_hold_up.py", '"/why"'),
}
# What pages open, not people: parts of one, the stream of news, and ways through to somewhere else.
NO_PAGES = {
    "/alerts/bell",
    "/live",
    "/quickbooks/callback",
    "/sign-in",
    "/sign-in/callback",
    f"{INTEGRATIONS}/{{connection_id}}/mapping/targets",
}


def opened() -> set[str]:
    modules = [importlib.import_module(f"api.pages.{one.name}") for one in pkgutil.iter_modules(pages.__path__)]
    routes = [route for module in modules if hasattr(module, "router") for route in module.router.routes]
    return {route.path for route in routes if isinstance(route, APIRoute) and "GET" in (route.methods or ())}


def test_every_page_is_visited_somewhere() -> None:
    assert opened() - NO_PAGES == set(CHECKED)


@pytest.mark.parametrize("path", CHECKED)
def test_the_visit_is_there(path: str) -> None:
    file, address = CHECKED[path]
    assert address in (HERE / file).read_text()
