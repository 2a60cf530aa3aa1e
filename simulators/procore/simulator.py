"""The simulated Procore: records and the parts that work on them, wired together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from simulators.clock import SimulatorClock
from simulators.faults import FaultPlan
from simulators.oauth import OAuthClient, OAuthServer, OAuthStore
from simulators.procore.attachments import Storage
from simulators.procore.rate_limits import RateLimiter
from simulators.procore.records import Records
from simulators.procore.requisition_book import RequisitionBook
from simulators.procore.sign_in import LOCALHOST, OUT_OF_BAND, ProcorePolicy
from simulators.procore.switches import Switches
from simulators.procore.webhook_delivery import WebhookDelivery
from simulators.procore.webhook_events import WebhookBoard
from simulators.procore.wire import Wire
from simulators.traffic import Traffic


@dataclass(frozen=True)
class ProcoreSettings:
    """How a simulator is started. `public_url` is the API base as clients see it; empty: the request's own."""

    client_id: str = "procore-client"
    client_secret: str = "procore-secret"
    redirect_uris: Sequence[str] = ()
    public_url: str = ""
    storage_url: str = ""
    canary: str = ""
    webhook_hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost"})


class ProcoreSimulator:
    """One Procore environment: one login server, one API, any number of companies."""

    def __init__(
        self,
        settings: ProcoreSettings | None = None,
        clock: SimulatorClock | None = None,
        switches: dict[str, object] | None = None,
    ) -> None:
        """Raises ValueError for an unknown switch."""
        self.settings = settings or ProcoreSettings()
        self.clock = clock or SimulatorClock()
        self.canary = self.settings.canary
        self._first_switches = switches or {}
        self._document: Wire | None = None
        self.switches = Switches()
        self.plan = FaultPlan({"errors": "Something went wrong"})
        self.traffic = Traffic(self.clock)
        self.calls: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.limiter = RateLimiter()
        self.policy = ProcorePolicy(self.canary)
        self.oauth = OAuthServer(OAuthStore(), self.policy, self.clock)
        self.delivery = WebhookDelivery(self.switches, self.clock, self.settings.webhook_hosts)
        self.events = WebhookBoard(self.delivery)
        self.storage = Storage()
        self._seen_address = ""
        self._fill(Records())
        self.change_switches(self._first_switches)
        self.register_client(self.settings.client_id, self.settings.client_secret, list(self.settings.redirect_uris))

    def load(self, document: Wire) -> None:
        """Replace all records by those of a world document; tokens and hooks end. Raises KeyError, ValueError."""
        records = Records()
        records.load(document)
        self._document = document
        self._fill(records)

    def reset(self) -> None:
        """Back to the document loaded last: records, switches, faults, tokens, hooks, counters."""
        records = Records()
        if self._document is not None:
            records.load(self._document)
        self._fill(records)
        for name, value in Switches().as_wire().items():
            setattr(self.switches, name, value)
        self.change_switches(self._first_switches)
        self.plan.remove()
        self.plan.release(drop=True)
        self.traffic.clear()

    def change_switches(self, wanted: dict[str, object]) -> None:
        """Raises ValueError and changes nothing when one of them is not right."""
        self.switches.change(wanted)
        self.policy.access_seconds = self.switches.access_token_lifetime

    def register_client(self, client_id: str, secret: str, redirect_uris: list[str]) -> None:
        """An app, or new redirect addresses for a known one. Each environment pre-registers two of its own."""
        self.oauth.store.clients[client_id] = OAuthClient(
            client_id,
            secret,
            [LOCALHOST, OUT_OF_BAND, *redirect_uris],
            ("authorization_code", "refresh_token", "client_credentials"),
            service_user=str(self.records.service_account["id"]),
        )

    @property
    def files_at(self) -> str:
        """Where attachment addresses begin."""
        return self.settings.public_url or self._seen_address

    def address(self, request: Request) -> str:
        """The API base as clients see it, without a slash at the end."""
        seen = f"{request.url.scheme}://{request.url.netloc}"
        if not self._seen_address:
            self._seen_address = seen
        return self.settings.public_url or seen

    def storage_at(self, request: Request) -> str:
        """Cloud storage is another host than Procore; on one machine its other name does."""
        if self.settings.storage_url:
            return self.settings.storage_url
        parts = urlsplit(self.address(request))
        other = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}.get(parts.hostname or "", parts.hostname)
        return f"{parts.scheme}://{other}:{parts.port}" if parts.port else f"{parts.scheme}://{other}"

    def _fill(self, records: Records) -> None:
        self.records = records
        self.book = RequisitionBook(records, self.switches, self.clock, self.events)
        self.events.clear()
        self.limiter.forget()
        self.calls.clear()
        self.oauth.store.forget_tokens()
        for client in self.oauth.store.clients.values():
            client.service_user = str(records.service_account["id"])
