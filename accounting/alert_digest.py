"""The daily digest: what went to QuickBooks yesterday, what waits, and what needs people, by money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounting.alert_preferences import AlertChannel, AlertTopic, Preferences
from accounting.alerts import Cause, invoices
from accounting.money import dollars

# Before the working day begins, and late enough that last night's work is in it.
MORNING = time(7)


@dataclass(frozen=True)
class Waiting:
    """Invoices that wait for one reason that clears by itself, in words."""

    words: str
    count: int
    amount: Decimal


@dataclass(frozen=True)
class Digest:
    """One person's digest. ``day`` is yesterday in the company's zone; ``needs`` come with the most money first.

    ``posted`` is None where the person did not ask for the day's numbers.
    """

    day: date
    posted: tuple[int, Decimal] | None
    waiting: tuple[Waiting, ...]
    needs: tuple[Cause, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell: then nothing is sent."""
        return not (self.posted and self.posted[0]) and not self.waiting and not self.needs

    @property
    def headline(self) -> str:
        """``30 bills, $412,906.11 · 3 things need you``."""
        parts = [bills(*self.posted)] if self.posted and self.posted[0] else []
        if self.needs:
            parts.append(f"{len(self.needs):,} {'thing needs' if len(self.needs) == 1 else 'things need'} you")
        if not parts and self.waiting:
            count = sum(one.count for one in self.waiting)
            parts.append(f"{invoices(count, sum((one.amount for one in self.waiting), Decimal(0)))} on the way")
        return " · ".join(parts)


def bills(count: int, amount: Decimal) -> str:
    """``1 bill, $15,300.00``."""
    return f"{count:,} {'bill' if count == 1 else 'bills'}, {dollars(amount)}"


def digest_day(now: datetime, here: ZoneInfo, last: date | None) -> date | None:
    """The day for whose morning a digest is due; None while it is early, or when that day has had one."""
    local = now.astimezone(here)
    if local.time() < MORNING or (last is not None and last >= local.date()):
        return None
    return local.date()


def by_money(causes: Iterable[Cause]) -> list[Cause]:
    """What holds no invoice (a connection that ends) first, then the most money."""
    return sorted(causes, key=lambda cause: (cause.count > 0, -cause.amount, cause.title))


def digest_for(
    wants: Preferences, day: date, posted: tuple[int, Decimal], waiting: Sequence[Waiting], causes: Iterable[Cause]
) -> Digest:
    """One person's part of what there is to tell."""
    numbers = wants.wants(AlertTopic.ACTIVITY, AlertChannel.DIGEST)
    needs = [cause for cause in causes if wants.wants_alert(cause.kind, cause.audience, AlertChannel.DIGEST)]
    return Digest(day, posted if numbers else None, tuple(waiting) if numbers else (), tuple(by_money(needs)))
