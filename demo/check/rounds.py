"""One round of the demo-check: a fresh world, the story, and what the oracle and the leak scan say of it."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from demo.check.blockers import Blockers, Freed
from demo.check.desktop import DesktopResult, DesktopStory
from demo.check.drift import ENVIRONMENT as DRIFT_ENVIRONMENT
from demo.check.drift import Drift, DriftVerdict
from demo.check.foresight import Foreseen, Foresight
from demo.check.issued import PaymentsVerdict, compare, new_payments
from demo.check.leaks import Canary, Histories, leaks_in_database, leaks_in_files, search_histories
from demo.check.ledger import read_ledger
from demo.check.life import ENVIRONMENT, Life, Lived
from demo.check.oracle import Difference, Evidence, Kind, judge
from demo.check.payments import ENVIRONMENT as PAYMENTS_ENVIRONMENT
from demo.check.payments import Payments
from demo.check.scenarios import Scenario
from demo.check.story import APPROVED, LOOK_SECONDS, Story, Told
from demo.check.trouble import LostAnswers, Trouble
from demo.check.wanted import REQUISITION, everything_wanted
from demo.outside_control import SimulatorControl, control_of
from demo.person import NotDone, Person, eventually, somebody_at
from demo.setting_up import Seed, turn_on
from demo.stack import Stack, running_stack
from simulators.world.documents import Documents

ATTEMPT = "connection-attempt/"
WORKFLOWS = (ATTEMPT, "connection/", "mirroring/")
LISTING_PATIENCE = 20.0


@dataclass(frozen=True)
class RoundResult:
    """What a round showed."""

    name: str
    eligible: int
    bills: int
    differences: tuple[Difference, ...]
    kills: int
    lost: LostAnswers
    seconds: float
    scenarios: tuple[Scenario, ...] = ()
    desktop: DesktopResult | None = None
    freed: Freed | None = None
    payments: PaymentsVerdict | None = None
    drift: DriftVerdict | None = None
    foreseen: Foreseen = field(default_factory=Foreseen)

    def count(self, kind: Kind) -> int:
        return sum(1 for one in self.differences if one.kind is kind)


async def play_round(
    name: str, folder: Path, documents: Documents, *, disturbed: bool, with_life: bool, say: Callable[[str], None]
) -> RoundResult:
    """Play and judge one round. Raises what a broken start raises; everything later is a difference.

    ``with_life`` has the connection go through its whole life in the middle of the story, and beside it another
    customer whose books are in two company files.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    canary = f"canary{uuid4().hex[:16]}"
    async with (
        running_stack(
            folder,
            documents,
            canary=canary,
            look_interval=LOOK_SECONDS,
            with_ui=False,
            extra_environment={**ENVIRONMENT, **PAYMENTS_ENVIRONMENT} if with_life else DRIFT_ENVIRONMENT,
        ) as stack,
        somebody_at(stack.app_url) as admin,
        control_of(stack.procore_url) as procore,
        control_of(stack.quickbooks_url) as quickbooks,
    ):

        def progress(what: str) -> None:
            say(f"  {loop.time() - began:5.1f} s  {what}")

        say(f"round: {name}")
        progress("everything is started")
        trouble = Trouble(stack, quickbooks, admin)
        foresight = Foresight(admin, procore, stack.database_url, documents.expected)
        blockers = None if disturbed else Blockers(admin, foresight, documents.expected, progress)
        playing = (stack, documents, admin, procore, trouble if disturbed else None, foresight)
        story = Story(*playing, canary, progress, blockers)
        desktop: DesktopResult | None = None
        payments: Payments | None = None
        with_desktop = DesktopStory(stack, documents, procore, progress)
        if with_life:
            in_files = with_desktop.payments
            payments = Payments(
                stack,
                documents,
                admin,
                procore,
                quickbooks,
                progress,
                until_others_may=in_files.until_we_may_go_down,
                while_down=in_files.while_we_are_down,
            )
            async with asyncio.TaskGroup() as together:
                beside = together.create_task(with_desktop.play())
                life = Life(stack, documents, admin, procore, quickbooks, foresight, progress)
                lived = await life.around(story, payments.play)
                desktop = await beside
        else:
            lived = Lived(await story.play(), (), tuple(attempt.id for attempt in admin.attempts))
        told = lived.told
        paid = await _paid(documents, procore, payments, with_desktop) if payments else None
        evidence = await _evidence(stack, documents, told, procore, quickbooks, freed=blockers is not None)
        if payments is not None and paid is not None:
            evidence = replace(evidence, payments=paid.expected, typed_credits=frozenset(payments.typed_credits))
        verdict = judge(evidence)
        freed = blockers.freed if blockers is not None else None
        seen = await foresight.judge(evidence.books_before, evidence.books_after)
        seen += desktop.foreseen if desktop is not None else Foreseen()
        drift = None
        if disturbed:
            # Last of all, when the books are judged; in this round nobody has moved Intuit's clock.
            await quickbooks.remove_faults()
            drift, last = await _edits(stack, evidence, documents, admin, procore, quickbooks, progress)
            seen += last
        made_here = await _secrets_made_here(procore, with_desktop)
        differences = [
            *verdict.differences,
            *(Difference(Kind.WRONG, sentence) for sentence in told.troubles),
            *(Difference(Kind.WRONG, sentence) for sentence in (desktop.troubles if desktop else ())),
            *(Difference(Kind.WRONG, sentence) for sentence in (freed.sentences if freed else ())),
            *(Difference(Kind.WRONG, sentence) for sentence in seen.sentences),
            *(Difference(Kind.WRONG, sentence) for sentence in (payments.troubles if payments else ())),
            *(Difference(Kind.WRONG, f"contract payment {said}") for said in (paid.sentences if paid else ())),
            *await _leaks(stack, Canary(canary, *made_here), lived.attempts),
            *([] if made_here else [Difference(Kind.WRONG, "no secret of a webhook was there to be searched for")]),
        ]
        return RoundResult(
            name=name,
            eligible=verdict.eligible,
            bills=verdict.bills,
            differences=tuple(differences),
            kills=trouble.kills,
            lost=await trouble.lost_answers(),
            seconds=loop.time() - began,
            scenarios=lived.scenarios,
            desktop=desktop,
            freed=freed,
            payments=paid,
            drift=drift,
            foreseen=seen,
        )


async def _paid(
    documents: Documents, procore: SimulatorControl, payments: Payments, with_desktop: DesktopStory
) -> PaymentsVerdict:
    """What stands in the whole of Procore against what both customers' payments had to become."""
    found = new_payments(documents.procore, await procore.state())
    return compare([*payments.expected, *with_desktop.payments.expected], found)


async def _evidence(
    stack: Stack,
    documents: Documents,
    told: Told,
    procore: SimulatorControl,
    quickbooks: SimulatorControl,
    *,
    freed: bool,
) -> Evidence:
    expected = documents.expected
    return Evidence(
        wanted=everything_wanted(expected, told.approved, told.upload_id, freed=freed),
        realm_id=expected["realm_id"],
        ap_account=expected["ap_account"],
        books_before=documents.quickbooks_online,
        books_after=await quickbooks.state(),
        procore_before=documents.procore,
        procore_after=await procore.state(),
        touched_requisitions=frozenset(_acts(expected["script"])),
        ledger=await asyncio.to_thread(
            read_ledger, stack.database_url, expected["company_id"], [expected["desktop"]["company_id"]]
        ),
    )


async def _edits(
    stack: Stack,
    evidence: Evidence,
    documents: Documents,
    admin: Person,
    procore: SimulatorControl,
    quickbooks: SimulatorControl,
    say: Callable[[str], None],
) -> tuple[DriftVerdict, Foreseen]:
    """What was edited after posting and named, and what was posted meanwhile."""
    seed = Seed.of(documents.procore, documents.expected)
    foresight = Foresight(admin, procore, stack.database_url, documents.expected)
    script = documents.expected["script"]
    # Nobody plays a connection's life in this round: its first invoice is approved here, and the books are read for it.
    approved = script["during_life"][0]["requisition_id"]
    # What was approved while mirroring was off comes in with the plan that turns it on again.
    keys = [(REQUISITION, f"{one}") for one in (approved, script["approve_after_off"]["requisition_id"])]

    async def go_on() -> None:
        async with foresight.before_posting(*keys):
            await turn_on(admin, seed)
            await procore.set_requisition_status(approved, APPROVED)

    async def are_posted() -> bool:
        rows = (await foresight.ledger()).by_source
        return all(key in rows and rows[key].state == "posted" for key in keys)

    drift = await Drift(admin, procore, quickbooks, seed.realm_id, go_on, say).play()
    foreseen = Foreseen()
    try:
        await eventually("what was approved last is posted", are_posted)
    except NotDone as late:
        foreseen = Foreseen(0, (str(late),))
    return drift, foreseen + await foresight.judge(evidence.books_after, await quickbooks.state())


def _acts(script: dict[str, Any]) -> list[int]:
    acts = [*script["approve"], *script["spare_under_review"], *script["unapprove"].values()]
    return [act["requisition_id"] for act in [*acts, *script["during_life"], script["approve_after_off"]]]


async def _secrets_made_here(procore: SimulatorControl, desktop: DesktopStory) -> list[str]:
    """What the product thinks up itself: each hook's secret as Procore was told it, the Web Connector's passwords."""
    headers = (await procore.webhooks())["authorizations"]
    return [*(str(one).removeprefix("Bearer ") for one in headers), *desktop.passwords]


async def _leaks(stack: Stack, canary: Canary, attempts: Iterable[str]) -> list[Difference]:
    wanted = [*WORKFLOWS, *(f"{ATTEMPT}{one}" for one in attempts)]

    def unread(histories: Histories) -> list[str]:
        return [kind for kind in wanted if not any(one.startswith(kind) for one in histories.workflow_ids)]

    async def nothing_unread() -> Histories | None:
        histories = await search_histories(stack.temporal, canary)
        return histories if not unread(histories) else None

    try:
        # Temporal's list lags behind its histories.
        histories = await eventually("every workflow is listed", nothing_unread, LISTING_PATIENCE)
    except NotDone:
        histories = await search_histories(stack.temporal, canary)
    found = list(histories.leaks)
    found += await asyncio.to_thread(lambda: list(leaks_in_files(stack.folder / "logs", canary)))
    found += await asyncio.to_thread(lambda: list(leaks_in_database(stack.database_url, canary)))
    # A search that read nothing would find nothing.
    return [
        *(Difference(Kind.LEAKED, f"a canary is in {leak.where}") for leak in found),
        *(Difference(Kind.WRONG, f"no history of {kind}... was there to be searched") for kind in unread(histories)),
    ]


__all__ = ["RoundResult", "play_round"]
