"""The words of a mail, frozen before it is first sent: subject, sections of lines with links, and how to change it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from accounting.alert_digest import Digest, bills, by_money
from accounting.alerts import Cause, invoices
from accounting.text import one_line, shortened

# What is beyond is on the page; a mail of a thousand lines is read by nobody.
MOST_LINES = 15
SUBJECT_LENGTH = 150
ALERTS = "/alerts"
PREFERENCES = "/alerts/preferences"


@dataclass(frozen=True)
class MailLine:
    """One thing: its title, what it holds, why, and where it is cleared (a whole address, or empty)."""

    title: str
    held: str
    sentence: str
    link: str


@dataclass(frozen=True)
class MailSection:
    title: str
    lines: tuple[MailLine, ...]


@dataclass(frozen=True)
class Mail:
    """Everything a mail says, as text. ``closing`` tells why the person gets it, ``settings`` where to change that."""

    subject: str
    sections: tuple[MailSection, ...]
    closing: str
    settings: str


def mail_of_alerts(causes: Sequence[Cause], company: str, site: str) -> Mail:
    """One mail for everything that came together. ``site`` is the installation's address, without a slash at its end.

    Raises ValueError without a cause.
    """
    if not causes:
        raise ValueError("a mail about alerts needs one")
    first, *others = by_money(causes)
    about = f"{first.title}{f' ({first.held})' if first.held else ''}"
    return Mail(
        subject=_subject(company, f"{about} and {len(others):,} more" if others else about),
        sections=(MailSection("This needs somebody", _lines((first, *others), site)),),
        closing="You get this mail once for each thing, and again only when it has grown a day later.",
        settings=site + PREFERENCES,
    )


def mail_of_digest(digest: Digest, company: str, site: str) -> Mail:
    """The morning's digest."""
    sections: list[MailSection] = []
    if digest.needs:
        sections.append(MailSection("What needs you", _lines(digest.needs, site)))
    if digest.posted is not None:
        count, amount = digest.posted
        said = bills(count, amount) if count else "Nothing went to QuickBooks."
        line = MailLine(said, "", "", f"{site}/invoices?status=Posted" if count else "")
        sections.append(MailSection(f"Yesterday, {digest.day:%B} {digest.day.day}", (line,)))
    if digest.waiting:
        lines = tuple(MailLine(one.words, invoices(one.count, one.amount), "", "") for one in digest.waiting)
        sections.append(MailSection("What waits", lines))
    return Mail(
        subject=_subject(company, digest.headline or "nothing new"),
        sections=tuple(sections),
        closing="The daily digest comes on mornings when there is something to tell.",
        settings=site + PREFERENCES,
    )


def _subject(company: str, about: str) -> str:
    return shortened(one_line(f"{company}: {about}"), SUBJECT_LENGTH)


def _lines(causes: Sequence[Cause], site: str) -> tuple[MailLine, ...]:
    lines = [MailLine(one.title, one.held, one.sentence, site + one.path) for one in causes[:MOST_LINES]]
    if len(causes) > MOST_LINES:
        lines.append(MailLine(f"And {len(causes) - MOST_LINES:,} more", "", "", site + ALERTS))
    return tuple(lines)


def as_text(mail: Mail) -> str:
    """The mail for readers without HTML."""
    parts: list[str] = []
    for section in mail.sections:
        parts += [section.title.upper(), ""]
        for line in section.lines:
            parts.append(f"* {line.title}{f' - {line.held}' if line.held else ''}")
            parts += [f"  {said}" for said in (line.sentence, line.link) if said]
            parts.append("")
    return "\n".join([*parts, mail.closing, f"Change what you are told: {mail.settings}", ""])


def as_html(mail: Mail) -> str:
    """The mail as HTML. Everything in it is escaped: titles and sentences carry people's text."""
    sections = "".join(
        f'<h2 style="font-size:16px;margin:24px 0 8px">{escape(section.title)}</h2>'
        + "".join(_line_as_html(section.lines))
        for section in mail.sections
    )
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>'
        f'{escape(mail.subject)}</title></head><body style="margin:0;background:#f5f7f9;color:#14202b;'
        'font-family:Segoe UI,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5">'
        '<div style="max-width:600px;margin:0 auto;padding:24px">'
        f'<p style="font-weight:600;color:#0f766e;margin:0">inBuild Sync</p>{sections}'
        '<p style="color:#536171;font-size:13px;border-top:1px solid #dfe5ea;margin-top:32px;padding-top:12px">'
        f'{escape(mail.closing)} <a href="{escape(mail.settings)}" style="color:#0f766e">Change what you are told</a>'
        "</p></div></body></html>\n"
    )


def _line_as_html(lines: Iterable[MailLine]) -> Iterable[str]:
    for line in lines:
        title = f"<b>{escape(line.title)}</b>"
        if line.link:
            title = f'<a href="{escape(line.link)}" style="color:#0f766e">{title}</a>'
        held = f" &middot; {escape(line.held)}" if line.held else ""
        said = f'<br><span style="color:#536171">{escape(line.sentence)}</span>' if line.sentence else ""
        yield (
            '<p style="margin:0 0 10px;padding:12px 14px;background:#ffffff;border:1px solid #dfe5ea;'
            f'border-radius:8px">{title}{held}{said}</p>'
        )
