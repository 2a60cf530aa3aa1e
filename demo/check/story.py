"""The story of one round: what the people of the seeded company do, in order, with or without trouble."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from demo.check.blockers import Blockers
from demo.check.foresight import Foresight
from demo.check.ledger import Ledger, read_ledger
from demo.check.trouble import BATCH_WRITE, SINGLE_WRITE, Trouble
from demo.check.wanted import REQUISITION, UPLOAD
from demo.outside_control import SimulatorControl
from demo.person import NotDone, Person, eventually
from demo.setting_up import NotGranted, Seed, connect, turn_on, welcome_admin
from demo.stack import Stack
from simulators.world.documents import Documents

LOOK_SECONDS = 2
LOOKS_TO_WAIT = 3
POSTING_PATIENCE = 100.0
WRITE_PATIENCE = 25.0
LOST_OF_EACH = 5
KILLS_IN_THE_FLOOD = 3

UNDER_REVIEW, APPROVED = "under_review", "approved"


@dataclass
class Told:
    """What the story did, for the oracle; ``troubles`` are sentences about what did not go as told."""

    approved: list[int] = field(default_factory=list)
    upload_id: str = ""
    troubles: list[str] = field(default_factory=list)


class Story:
    """One round's acts. ``trouble`` None is the undisturbed round; ``blockers`` frees what waits.

    Everything is previewed with ``foresight`` before it is posted.
    """

    def __init__(
        self,
        stack: Stack,
        documents: Documents,
        admin: Person,
        procore: SimulatorControl,
        trouble: Trouble | None,
        foresight: Foresight,
        canary: str,
        say: Callable[[str], None],
        blockers: Blockers | None = None,
    ) -> None:
        self._stack = stack
        self._documents = documents
        self._seed = Seed.of(documents.procore, documents.expected)
        self._script: dict[str, Any] = documents.expected["script"]
        self._admin = admin
        self._procore = procore
        self._trouble = trouble
        self._foresight = foresight
        self._canary = canary
        self._say = say
        self._blockers = blockers
        self.told = Told()
        self.is_connected = asyncio.Event()

    async def play(self, life: Callable[[], Awaitable[None]] | None = None) -> Told:
        """All of it. What does not come about in time, or is refused, is noted and left to the oracle.

        ``life`` is played while mirroring is on and everything approved so far is posted.
        """
        try:
            await welcome_admin(self._stack, self._admin, self._seed)
            await connect(self._admin, self._seed)
            self.is_connected.set()
            self._say("QuickBooks Online is connected")
            await self._start()
            await self._withdraw_after_posting()
            await self._approve_more()
            if self._blockers is not None:
                await self._blockers.work_off()
            if life is not None:
                await life()
            await self._switch_off()
            await self._until_posted(self._posted_from_the_start() | set(self.told.approved), "everything is posted")
            await self._check_badges()
        except (NotDone, NotGranted, httpx.HTTPError) as broken:
            self.told.troubles.append(f"the story broke off: {broken!r}")
        finally:
            self.is_connected.set()
        return self.told

    # --- the seeded invoices

    async def _start(self) -> None:
        """Turn mirroring on; take back one approval between import and sending; wait for the rest."""
        act = self._script["unapprove"]["before_send"]
        # The fresh look before sending fails until the approval is gone, so the order of things is certain.
        (fresh_look,) = await self._procore.add_faults(_unavailable(act["project_id"], ".*filters(%5B|\\[)id"))
        if self._trouble is not None:
            await self._trouble.lose(BATCH_WRITE, LOST_OF_EACH)
        await self._foresight.hold_back()
        await turn_on(self._admin, self._seed)
        await self._until("the invoice to withdraw came in", lambda ledger: _has_come_in(ledger, act))
        await self._procore.set_requisition_status(act["requisition_id"], UNDER_REVIEW)
        await self._procore.remove_faults(fresh_look)
        await self._foresight.look((REQUISITION, str(one)) for one in self._imported_from_the_start())
        self._say(f"{len(self._foresight.previews)} invoices previewed before anything was posted")
        aside = {int(one) for one in await self._foresight.set_aside()}
        killing = asyncio.create_task(self._kill_in_the_flood())
        await self._foresight.let_go()
        await killing
        await self._until_posted(self._posted_from_the_start() - aside, "all but releases of retainage is posted")
        await self._foresight.take_up()
        await self._until_posted(self._posted_from_the_start(), "the seeded invoices are posted")

    async def _kill_in_the_flood(self) -> None:
        if self._trouble is not None:
            for _ in range(KILLS_IN_THE_FLOOD):
                await self._trouble.hold_next(BATCH_WRITE)
                await self._kill()

    async def _hold_next(self) -> None:
        if self._trouble is not None:
            await self._trouble.hold_next(SINGLE_WRITE)

    async def _kill(self) -> None:
        if self._trouble is not None and await self._trouble.kill_when_held(WRITE_PATIENCE):
            self._say(f"worker killed while a committed write was held ({self._trouble.kills} so far)")

    def _posted_from_the_start(self) -> set[int]:
        outcomes = self._documents.expected["requisitions"]
        before_send = self._script["unapprove"]["before_send"]["requisition_id"]
        return {int(one) for one, outcome in outcomes.items() if outcome["verdict"] == "bill"} - {before_send}

    def _imported_from_the_start(self) -> set[int]:
        outcomes = self._documents.expected["requisitions"]
        return {int(one) for one, outcome in outcomes.items() if outcome["verdict"] != "not_imported"}

    # --- what people do afterwards

    async def _withdraw_after_posting(self) -> None:
        after_posting = self._script["unapprove"]["after_posting"]["requisition_id"]
        await self._procore.set_requisition_status(after_posting, UNDER_REVIEW)

    async def _approve_more(self) -> None:
        """Approve five, and one that is taken back before anybody looked. With trouble, lose answers and kill."""
        if self._trouble is not None:
            await self._trouble.lose(SINGLE_WRITE, LOST_OF_EACH)
        await self._approve([act["requisition_id"] for act in self._script["approve"]])
        await self._approve_and_withdraw_unseen()
        await self._until_posted(set(self.told.approved), "the five approved ones are posted")
        if self._trouble is not None:
            for act in self._script["spare_under_review"][:2]:
                await self._approve([act["requisition_id"]], to_be_killed=True)
                await self._kill()
        await self._until_posted(set(self.told.approved), "everything approved is posted")
        after_posting = self._script["unapprove"]["after_posting"]
        await self._until("the withdrawn approval shows", lambda ledger: _is_withdrawn(ledger, after_posting))

    async def _approve(self, requisition_ids: Sequence[int], *, to_be_killed: bool = False) -> None:
        """Approve them; ``to_be_killed``: the answer to the first bill that comes of it is held for ``_kill``."""
        keys = [(REQUISITION, str(one)) for one in requisition_ids]
        async with self._foresight.before_posting(*keys, then=self._hold_next if to_be_killed else None):
            for requisition_id in requisition_ids:
                await self._procore.set_requisition_status(requisition_id, APPROVED)
                self.told.approved.append(requisition_id)

    async def _approve_and_withdraw_unseen(self) -> None:
        act = self._script["unapprove"]["before_import"]
        (unseen,) = await self._procore.add_faults(_unavailable(act["project_id"]))
        await self._procore.set_requisition_status(act["requisition_id"], APPROVED)
        await self._procore.set_requisition_status(act["requisition_id"], UNDER_REVIEW)
        await self._procore.remove_faults(unseen)
        await self._admin.sync_now()

    async def _switch_off(self) -> None:
        """Turn mirroring off, approve one more, and upload one, which must sync all the same."""
        await self._admin.turn_off()
        self.told.upload_id = str(uuid4())
        await self._procore.set_requisition_status(self._script["approve_after_off"]["requisition_id"], APPROVED)
        async with self._foresight.before_posting((UPLOAD, self.told.upload_id), then=self._hold_next):
            await self._upload()
        await self._kill()
        await self._admin.sync_now()
        await asyncio.sleep(LOOK_SECONDS * (LOOKS_TO_WAIT + 0.5))

    async def _upload(self) -> None:
        upload = self._script["upload"]
        fields = upload["fields"]
        codes = {
            code["full_code"]: str(code["id"])
            for code in self._documents.procore["cost_codes"]
            if code["project_id"] == fields["project_id"]
        }
        form = {
            "upload_id": self.told.upload_id,
            "project_id": str(fields["project_id"]),
            "vendor_name": fields["vendor"],
            "number": fields["invoice_number"],
            "billing_date": fields["billing_date"],
            "currency": fields["currency"],
            "total": fields["total"],
            "lines": [
                {
                    "description": line["description"],
                    "amount": line["amount"],
                    "cost_code_id": codes[line["cost_code"]],
                    "budget_code": line["cost_code"],
                }
                for line in upload["lines"]
            ],
        }
        pdf = f"%PDF-1.4\n% {self._canary}\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
        await self._admin.approve(await self._admin.upload(form, pdf.encode()))

    # --- waiting and looking

    async def _until_posted(self, requisition_ids: set[int], what: str) -> None:
        wanted = {(REQUISITION, str(one)) for one in requisition_ids}
        if self.told.upload_id:
            wanted.add((UPLOAD, self.told.upload_id))

        def are_posted(ledger: Ledger) -> bool:
            posted = {key for key, row in ledger.by_source.items() if row.state == "posted"}
            return wanted <= posted and ledger.is_settled

        await self._until(what, are_posted)

    async def _until(self, what: str, is_so: Any) -> None:
        async def ask() -> bool:
            ledger = await asyncio.to_thread(read_ledger, self._stack.database_url, self._seed.company_id)
            return bool(is_so(ledger))

        try:
            await eventually(what, ask, POSTING_PATIENCE)
            self._say(what)
        except NotDone as late:
            self.told.troubles.append(str(late))

    async def _check_badges(self) -> None:
        """The word people see must be *Approval withdrawn* for both that were withdrawn after coming in."""
        for name in ("before_send", "after_posting"):
            act = self._script["unapprove"][name]
            found = await self._admin.invoices(search=act["bill"]["number"], project_id=str(act["project_id"]))
            badges = [row["badge"] for row in found["invoices"] if row["number"] == act["bill"]["number"]]
            if badges != [act["final"]["badge"]]:
                self.told.troubles.append(f"{name}: the badges are {badges}, should be {act['final']['badge']}")


def _unavailable(project_id: int, further: str = "") -> dict[str, Any]:
    """Procore's list of one project's requisitions answers 503."""
    return {
        "effect": "status",
        "status": 503,
        "method": "GET",
        "path": "^/rest/v1.1/requisitions$",
        "query": f"(?=.*project_id={project_id}(&|$)){further}",
    }


def _has_come_in(ledger: Ledger, act: dict[str, Any]) -> bool:
    return (REQUISITION, str(act["requisition_id"])) in ledger.by_source


def _is_withdrawn(ledger: Ledger, act: dict[str, Any]) -> bool:
    row = ledger.by_source.get((REQUISITION, str(act["requisition_id"])))
    return row is not None and row.withdrawn


__all__ = ["APPROVED", "LOOK_SECONDS", "LOST_OF_EACH", "Story", "Told"]
