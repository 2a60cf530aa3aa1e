"""Error recovery: what newMessageSetID and oldMessageSetID do.

Source: QuickBooks SDK documentation, "Error recovery", and the samples ErrRecovery1 to 3 of the SDK: the same new id
with the same content is answered from the store; new and old id alike without requests ask for the status; an old id
alone, or beside another new one, is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulators.quickbooks_desktop.books import Books, StoredSet
from simulators.quickbooks_desktop.refusals import DIFFERENT_CONTENT, ID_TOO_LONG, NOT_RECORDED, NOTHING_STORED
from simulators.quickbooks_desktop.wire import MessageSet

FORGET_ALL = "ClearAllMessageSets"
LONGEST_ID = 23


@dataclass(frozen=True)
class Recovery:
    """What error recovery says before anything is executed.

    `code` ends the matter without executing; `stored` is an answer to give again; neither: go on and execute.
    """

    code: int | None = None
    stored: StoredSet | None = None


def consult(books: Books, sent: MessageSet) -> Recovery:
    """Look at the ids of a message set; forgets what it is told to forget."""
    if any(len(identity or "") > LONGEST_ID for identity in (sent.new_id, sent.old_id) if identity != FORGET_ALL):
        return Recovery(code=ID_TOO_LONG)
    if sent.old_id == FORGET_ALL:
        books.message_sets.clear()
    elif sent.old_id is not None and sent.old_id != sent.new_id:
        known = books.message_sets.pop(sent.old_id, None)
        if known is None and sent.new_id is None and not sent.requests:
            return Recovery(code=NOT_RECORDED)
    if sent.new_id is None:
        return Recovery()
    stored = books.message_sets.get(sent.new_id)
    if not sent.requests:
        return Recovery(code=NOTHING_STORED) if stored is None else Recovery(stored=stored)
    if stored is None:
        return Recovery()
    return Recovery(stored=stored) if stored.text == sent.text else Recovery(code=DIFFERENT_CONTENT)


def keep(books: Books, sent: MessageSet, answer: str, *, most: int) -> None:
    """Store the outcome of a message set that has a new id; beyond `most` (0: any number) the oldest goes."""
    if sent.new_id is None:
        return
    books.message_sets[sent.new_id] = StoredSet(sent.text, answer)
    while most and len(books.message_sets) > most:
        books.message_sets.popitem(last=False)
