"""Every step a life may take, and how often it is drawn."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from simulators.faults import FaultRule
from tests.workflows.lives import connecting, posting
from tests.workflows.lives.life import Life
from tests.workflows.lives.world import LETTERS, realm_of

Step = Callable[[Life], Awaitable[None]]


# --- what providers do, and what goes wrong


async def customer_disconnects(life: Life) -> None:
    for letter in LETTERS:
        life.stack.product.quickbooks.disconnect(realm_of(life.place, letter))


async def answers_are_lost(life: Life) -> None:
    """The next bill's answer does not arrive, in whichever books it is made."""
    for letter in LETTERS:
        path = rf"/{realm_of(life.place, letter)}/(bill|batch)$"
        rule = FaultRule(effect="drop_after", path=path, count=1, method="POST")
        life.stack.product.quickbooks.faults.add(rule)


async def intuit_is_away(life: Life) -> None:
    for letter in LETTERS:
        rule = FaultRule(effect="status", status=503, path=f"/{realm_of(life.place, letter)}/", count=2)
        life.stack.product.quickbooks.faults.add(rule)


async def hours_pass(life: Life) -> None:
    life.stack.pass_time(timedelta(hours=2))


async def weeks_pass(life: Life) -> None:
    life.stack.pass_time(timedelta(days=12))


async def worker_dies(life: Life) -> None:
    await life.stack.restart_worker()


# The clock and the worker are everybody's: what one life does to them happens to its neighbours too.
STEPS: dict[str, tuple[float, Step]] = {
    "connect A": (2.5, lambda life: connecting.connect(life, "A")),
    "connect B": (1, lambda life: connecting.connect(life, "B")),
    "refuse consent": (0.7, connecting.refuse_consent),
    "callback again": (1, connecting.callback_again),
    "start and leave": (0.7, connecting.start_and_leave),
    "connect file": (0.7, connecting.connect_file),
    "open wrong file": (0.5, lambda life: connecting.connect_file(life, wrong=True)),
    "disconnect": (0.8, connecting.disconnect),
    "disconnect unheard": (0.5, lambda life: connecting.disconnect(life, heard=False)),
    "customer disconnects": (1, customer_disconnects),
    "guardian": (1, connecting.guardian),
    "pause": (0.7, lambda life: posting.pause(life, True)),
    "resume": (1, lambda life: posting.pause(life, False)),
    "post": (2.5, posting.post),
    "approve": (2.5, posting.approve),
    "switch on": (1.5, posting.switch_on),
    "switch off": (0.5, posting.switch_off),
    "accept gap": (1, posting.accept_gap),
    "move waiting": (1, posting.move_waiting),
    "choose books": (0.5, posting.choose_books),
    "hours pass": (0.4, hours_pass),
    "weeks pass": (0.3, weeks_pass),
    "answers are lost": (1.2, answers_are_lost),
    "intuit is away": (0.7, intuit_is_away),
    "worker dies": (0.4, worker_dies),
}
