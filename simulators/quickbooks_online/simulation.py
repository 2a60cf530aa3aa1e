"""The whole simulated service: companies, tokens, clock, limits, switches. One object, all in memory."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from simulators.clock import SimulatorClock
from simulators.faults import FaultPlan
from simulators.oauth import OAuthClient, OAuthServer, OAuthStore
from simulators.quickbooks_online.books import Books, Change, money
from simulators.quickbooks_online.gateway_answers import Answer
from simulators.quickbooks_online.moments import PacificWriter
from simulators.quickbooks_online.refusals import system_failure
from simulators.quickbooks_online.replays import Replays
from simulators.quickbooks_online.settlement import allocations, apply_payment
from simulators.quickbooks_online.switches import Switches
from simulators.quickbooks_online.throttle import Meter, Throttle
from simulators.quickbooks_online.token_rules import SCOPES, IntuitPolicy
from simulators.quickbooks_online.webhooks import Webhooks
from simulators.traffic import Traffic


class Simulation:
    """What all routes of the simulator work on."""

    def __init__(self, *, canary: str = "", public_url: str = "") -> None:
        self.public_url = public_url.rstrip("/")
        self.clock = SimulatorClock()
        self.switches = Switches()
        self.writer = PacificWriter()
        self.traffic = Traffic(self.clock)
        self.faults = FaultPlan({"Fault": system_failure().fault(), "time": "2026-11-20T09:14:03.412-08:00"})
        self.policy = IntuitPolicy(self.switches, canary)
        self.oauth = OAuthServer(OAuthStore(), self.policy, self.clock)
        self.throttle = Throttle(self.switches)
        self.meter = Meter()
        self.replays: Replays[Answer] = Replays(self.switches)
        self.batch_replays: Replays[dict[str, Any]] = Replays(self.switches)
        self.webhooks = Webhooks(self.clock, self.switches)
        self.companies: dict[str, Books] = {}
        # Consents that the customer took back on Intuit's side: (realm, client id)
        self.disconnected: set[tuple[str, str]] = set()

    def register_app(self, client_id: str, client_secret: str, redirect_uris: list[str], name: str = "") -> None:
        """Make an app known, as the developer portal does."""
        self.oauth.store.clients[client_id] = OAuthClient(
            client_id, client_secret, redirect_uris, scopes=SCOPES, name=name
        )

    def load(self, document: dict[str, Any]) -> None:
        """Replace all companies by those of a world document (`{"companies": [...]}`); tokens stay."""
        companies = {}
        for company in document["companies"]:
            books = Books(company, self.clock, self.writer, self.switches, self.announce)
            _settle(books)
            companies[books.realm_id] = books
        self.companies = companies

    def announce(self, change: Change) -> None:
        """Every change of every company comes by here."""
        self.webhooks.enqueue(change)

    def reset(self) -> None:
        """Back to the start: no companies, tokens, faults, answers, counts; switches as at first. Apps stay."""
        self.companies.clear()
        self.oauth.store.forget_tokens()
        self.disconnected.clear()
        self.faults.remove()
        self.faults.release()
        self.traffic.clear()
        self.throttle.clear()
        self.replays.clear()
        self.batch_replays.clear()
        self.webhooks.clear()
        self.meter.__init__()  # type: ignore[misc]
        self.policy.refreshes = self.policy.rotations = 0
        self.clock.reset()
        self.change_switches({name: field.default for name, field in Switches.model_fields.items()})

    def change_switches(self, values: dict[str, Any]) -> None:
        """Set some switches. Raises pydantic's ValidationError, with nothing changed, for a bad name or value."""
        checked = Switches.model_validate(self.switches.model_dump() | values)
        for name in Switches.model_fields:
            setattr(self.switches, name, getattr(checked, name))

    def disconnect(self, realm_id: str) -> int:
        """The customer disconnects every app in QuickBooks (Apps, My apps); returns how many consents ended."""
        ended = 0
        for grant in self.oauth.store.grants:
            if grant.tenant == realm_id and not grant.revoked:
                grant.revoked = True
                self.disconnected.add((realm_id, grant.client_id))
                ended += 1
        return ended

    def time_text(self) -> str:
        """The `time` of an answer."""
        return self.writer.milliseconds(self.clock.timestamp())

    def counters(self) -> dict[str, Any]:
        """The service's own figures for GET /control/counters."""
        return {
            "core": self.meter.core,
            "coreplus": self.meter.coreplus,
            "coreplus_by_month": self.meter.monthly,
            "replays": self.meter.replays,
            "refreshes": self.policy.refreshes,
            "rotations": self.policy.rotations,
            "webhooks": self.webhooks.describe()["counts"],
        }

    def state(self) -> dict[str, Any]:
        """All companies in wire shape, and the consents."""
        return {
            "companies": [books.document() for books in self.companies.values()],
            "consents": [
                {
                    "realm_id": grant.tenant,
                    "client_id": grant.client_id,
                    "user": grant.subject,
                    "revoked": grant.revoked,
                }
                for grant in self.oauth.store.grants
            ],
        }


def _settle(books: Books) -> None:
    """Complete totals, and let the payments of the document take effect on what they settle."""
    settled = set()
    for payment in books.entities["BillPayment"].values():
        settled |= {(kind, entity_id) for kind, entity_id, _ in allocations(payment)}
    for kind in ("Bill", "VendorCredit"):
        for entity in books.entities[kind].values():
            lines = sum((money(line.get("Amount")) for line in entity.get("Line") or []), Decimal(0))
            entity["TotalAmt"] = money(entity.get("TotalAmt", lines))
            entity["Balance"] = money(entity.get("Balance", entity["TotalAmt"]))
            if (kind, entity["Id"]) in settled:
                entity["Balance"] = entity["TotalAmt"]
                entity.pop("LinkedTxn", None)
    for payment in books.entities["BillPayment"].values():
        apply_payment(books, payment, silently=True)
