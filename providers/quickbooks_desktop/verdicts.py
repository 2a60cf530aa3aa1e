"""What an answer's status code or HRESULT means for us, and the sentence a customer can act on.

DONE          the books say so; a warning changes nothing about it
EMPTY         a query that matched nothing, or only part of an id list: a normal answer
AGAIN         not done, nobody is at fault                        → the same work later
UNCLEAR       may have been done                                  → ask what came of it before anything else
STALE         3200: somebody changed the object                   → read again, merge, write anew
NAME_TAKEN    3100: a customer, employee or vendor has the name   → look it up, never adopt a stranger
PERSON        refused for a reason a person can mend              → hold with the sentence
OUR_BUG       QuickBooks could not read what we wrote             → park the item, tell support

Intuit: QuickBooks Desktop SDK, "Status codes in response messages"; QBXMLRP2 HRESULT table.
"""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    DONE = "done"
    EMPTY = "empty"
    AGAIN = "again"
    UNCLEAR = "unclear"
    STALE = "stale"
    NAME_TAKEN = "name_taken"
    PERSON = "person"
    OUR_BUG = "our_bug"


@dataclass(frozen=True)
class Judged:
    """A verdict with its code as text, and its sentence: what happened, then what to do."""

    verdict: Verdict
    code: str
    sentence: str


LOCKED = "Somebody is working on it in QuickBooks; inBuild tries again at the next run."
# What QuickBooks' own text says where 3180 ("error saving") is only a lock.
LOCK_WORDS = ("lock", "in use", "being used", "another user", "currently open", "being edited")

STATUSES: dict[int, tuple[Verdict, str]] = {
    1: (Verdict.EMPTY, "QuickBooks has nothing of this kind."),
    500: (Verdict.EMPTY, "QuickBooks no longer has some of what was asked for."),
    1000: (Verdict.UNCLEAR, "QuickBooks reported an internal error. inBuild checks what came of it."),
    1010: (Verdict.AGAIN, "QuickBooks was not available; inBuild tries again at the next run."),
    1030: (Verdict.PERSON, "This edition of QuickBooks cannot do this. It needs Pro, Premier or Enterprise."),
    3000: (Verdict.PERSON, "QuickBooks no longer has an entry this bill points to. Check the mappings."),
    3100: (Verdict.NAME_TAKEN, "The name is already used by a customer, employee, vendor or other name."),
    3120: (Verdict.PERSON, "QuickBooks no longer has what was to be used or changed. Check the mappings."),
    3140: (
        Verdict.PERSON,
        "QuickBooks does not know a vendor, account, class or job of it. Check the mappings.",
    ),
    3160: (Verdict.PERSON, "QuickBooks keeps this from being deleted because it is in use."),
    3170: (Verdict.AGAIN, LOCKED),
    3171: (Verdict.PERSON, "The date lies in a closed period. Open the period or choose another bill date."),
    3175: (Verdict.AGAIN, LOCKED),
    3176: (Verdict.AGAIN, LOCKED),
    3180: (Verdict.PERSON, "QuickBooks could not save it."),
    3190: (Verdict.PERSON, "QuickBooks cannot void this transaction."),
    3200: (Verdict.STALE, "Somebody changed it in QuickBooks meanwhile."),
    3210: (Verdict.PERSON, "QuickBooks does not accept a value of this bill."),
    3231: (Verdict.AGAIN, "QuickBooks did not get to it; inBuild tries again."),
    3250: (Verdict.PERSON, "A QuickBooks feature this bill needs is switched off. Switch it on in its preferences."),
    3260: (Verdict.PERSON, "This QuickBooks user may not do this. Have the QuickBooks Admin grant the permission."),
    3261: (Verdict.PERSON, "inBuild may not see sensitive data here. Have the QuickBooks Admin grant the permission."),
}
# Formats, ids, element order and enumerations: ours to get right.
OUR_BUGS = frozenset({1060, 3010, 3020, 3030, 3031, 3035, 3040, 3045, 3050, 3060, 3065, 3070, 3110, 3150, 3290})
OUR_SENTENCE = "QuickBooks could not read what inBuild sent. inBuild support has been told."

HRESULTS: dict[str, tuple[Verdict, str]] = {
    "80040400": (Verdict.OUR_BUG, OUR_SENTENCE),
    "80040401": (Verdict.AGAIN, "QuickBooks could not be reached. Start QuickBooks, then run the update again."),
    "80040402": (Verdict.UNCLEAR, "QuickBooks reported an unexpected error. Restart QuickBooks if it happens again."),
    "80040403": (Verdict.PERSON, "QuickBooks could not open the company file. Was it moved? Open it, then update."),
    "80040408": (Verdict.AGAIN, "QuickBooks could not be started. Start it by hand, then run the update again."),
    "8004040A": (Verdict.PERSON, "Another company file is open in QuickBooks. Close it, then run the update again."),
    "8004040D": (Verdict.AGAIN, "The connection to QuickBooks was cut. It is opened again at the next run."),
    "80040410": (
        Verdict.AGAIN,
        "The company file is open in another mode. Switch between single-user and multi-user mode, then update.",
    ),
    "80040414": (Verdict.PERSON, "A dialog is open in QuickBooks. Close it, then run the update again."),
    "80040416": (Verdict.PERSON, "QuickBooks is not running. Open the company file once, then run the update again."),
    "8004041A": (
        Verdict.PERSON,
        "inBuild has no permission in this company file. Have the QuickBooks Admin allow it under Integrated "
        "Applications.",
    ),
    "8004041B": (
        Verdict.PERSON,
        "inBuild's certificate was not accepted. Have the QuickBooks Admin allow it under Integrated Applications.",
    ),
    "8004041F": (
        Verdict.PERSON,
        "inBuild has not been given access yet. Have the QuickBooks Admin open the file and answer Yes, always.",
    ),
    "80040420": (Verdict.PERSON, "Access was denied in QuickBooks. Have the QuickBooks Admin answer Yes, always."),
    "80040422": (
        Verdict.PERSON,
        "QuickBooks needs single-user mode for this. Switch to it, then run the update.",
    ),
    "80040424": (Verdict.AGAIN, "QuickBooks is still starting. The update runs again by itself."),
}
UNKNOWN_HRESULT = "QuickBooks could not be asked ({code}: {message}). Restart QuickBooks, then run the update again."


def judge_status(status: int, message: str) -> Judged:
    """What a request's status code says. A code this table lacks asks a person, in QuickBooks' own words."""
    code = str(status)
    if status == 0 or 501 <= status <= 999:
        return Judged(Verdict.DONE, code, message)
    if status in OUR_BUGS:
        return Judged(Verdict.OUR_BUG, code, OUR_SENTENCE)
    if status == 3180 and any(word in message.casefold() for word in LOCK_WORDS):
        return Judged(Verdict.AGAIN, code, LOCKED)
    verdict, sentence = STATUSES.get(status, (Verdict.PERSON, "QuickBooks refused it."))
    said = f" QuickBooks says: {message.strip()}" if message.strip() and verdict is Verdict.PERSON else ""
    return Judged(verdict, code, f"{sentence}{said}")


def judge_hresult(hresult: str, message: str) -> Judged:
    """What a failure without any answer says. One nobody listed is taken for an outcome nobody knows."""
    code = hresult.strip().upper().removeprefix("0X")
    verdict, sentence = HRESULTS.get(code, (Verdict.UNCLEAR, ""))
    said = sentence or UNKNOWN_HRESULT.format(code=hresult.strip(), message=message.strip() or "no reason given")
    return Judged(verdict, f"0x{code}"[:32], said)


def write_outcome_is_known(judged: Judged) -> bool:
    """Whether a failed write surely was not done: only a text that could not be parsed says so."""
    return judged.verdict is Verdict.OUR_BUG
