"""Sentences of the invoice pages and the dashboard that are made from what is stored."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounting.blockers import BlockerReason
from models.freshness import Freshness
from models.invoice_pages import Unapproved, WaitsFor
from models.work_list import reason_words


def filter_reasons(now: Iterable[BlockerReason], chosen: WaitsFor | None) -> list[tuple[str, str]]:
    """The reasons to filter by: those that hold something now, the chosen one, and uploads nobody approved."""
    offered: list[WaitsFor] = [*now, *Unapproved]
    if chosen is not None and chosen not in offered:
        offered.append(chosen)
    return sorted(((reason.value, reason_words(reason)) for reason in offered), key=lambda one: one[1])


def waiting_words(reason: WaitsFor | None) -> str:
    """Why invoices wait, in a few words; None is those that nothing holds."""
    return reason_words(reason) if reason else "On the way to QuickBooks"


def ago(past: datetime, now: datetime) -> str:
    """How long ago, as people say it."""
    minutes = max(int((now - past) / timedelta(minutes=1)), 0)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} {'minute' if minutes == 1 else 'minutes'} ago"
    hours = minutes // 60
    if hours < 48:
        return f"{hours} {'hour' if hours == 1 else 'hours'} ago"
    return f"{hours // 24} days ago"


def freshness_sentence(fresh: Freshness, now: datetime) -> str | None:
    """The warning that our copy of Procore is old or cannot be refreshed; None while all is well."""
    if fresh.access:
        return fresh.access
    if not fresh.late and not fresh.projects_in_trouble:
        return None
    read = ago(fresh.last_looked_at, now) if fresh.last_looked_at else "not at all yet"
    told = f"Procore was last read {read}; what you see is inBuild's own copy."
    if fresh.projects_in_trouble:
        projects = "project" if fresh.projects_in_trouble == 1 else "projects"
        told = f"{told} {fresh.projects_in_trouble:,} {projects} could not be read: {fresh.trouble}"
        return told if told.endswith(".") else f"{told}."
    return f"{told} inBuild keeps trying."
