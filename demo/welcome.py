"""What `make demo` prints: where everything is, whom to be, and what to try."""

from typing import Any

from demo.setting_up import DESKTOP_ADMIN
from demo.stack import Stack


def addresses(stack: Stack, users: list[dict[str, Any]]) -> str:
    """The table of addresses and of the people one can sign in as."""
    places = [
        ("inBuild Sync", stack.app_url, "the app: sign in with Procore, no password"),
        ("Temporal Web UI", stack.temporal_ui_url, "the support desk's window: one workflow per company"),
        ("Procore", stack.procore_url, "simulated: approve invoices here"),
        ("QuickBooks Online", stack.quickbooks_url, "simulated: bills appear here"),
        (
            "QuickBooks Desktop",
            stack.quickbooks_desktop_url,
            "simulated: a PC with company files and the Web Connector",
        ),
        ("Mail", stack.mail_url, "simulated: what the app mails to its people"),
    ]
    people = [(user["name"], user["persona"], ", ".join(_companies(user))) for user in users]
    return "\n".join(["", *_table(places), "", "  Sign in as", *_table(people), ""])


def what_to_try(stack: Stack, expected: dict[str, Any], users: list[dict[str, Any]]) -> str:
    """A first experiment with each QuickBooks, with addresses to click."""
    first = expected["script"]["approve"][0]
    books = f"{stack.quickbooks_url}/companies/{expected['realm_id']}"
    owner = next(user for user in users if user["persona"] == DESKTOP_ADMIN)
    (company,) = _companies(owner)
    steps = [
        f"Approve an invoice: {stack.procore_url}/requisitions/{first['requisition_id']}",
        f"A few seconds later it is a bill: {books}?find={first['bill']['number']}",
        f"Read why and when: {stack.app_url}/invoices",
        "Pay it there; with write-back on (the connection's settings) the payment shows up in Procore",
        f"What needs somebody is mailed within seconds: {stack.mail_url}",
        f"QuickBooks Desktop: as {owner['name']} connect two company files of {company}, give each one's .qwc file and"
        f" password to the PC, match what is new and switch mirroring on: {stack.quickbooks_desktop_url}/pcs/office",
        f"Put that PC to sleep, approve invoices of {company} ({stack.procore_url}), wake it: each arrives once",
    ]
    return "\n".join(
        [
            "",
            "  Try this",
            *(f"  {number}. {step}" for number, step in enumerate(steps, start=1)),
            f"  Logs are in {stack.folder / 'logs'}. Ctrl-C stops everything.",
            "",
        ]
    )


def _companies(user: dict[str, Any]) -> list[str]:
    return sorted({company.get("company_name", "") for company in (user.get("companies") or {}).values()})


def _table(rows: list[tuple[str, str, str]]) -> list[str]:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [f"  {name:<{first}}  {middle:<{second}}  {last}".rstrip() for name, middle, last in rows]


__all__ = ["addresses", "what_to_try"]
