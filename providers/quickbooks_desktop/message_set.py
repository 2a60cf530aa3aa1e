"""A message set: what one answer of ours hands to QuickBooks, as the exact text that is stored before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from lxml import etree

from providers.quickbooks_desktop.messages.element import Request

VERSION = "13.0"
PROLOGUE = f'<?xml version="1.0"?><?qbxml version="{VERSION}"?>'
# QuickBooks takes 23 characters (is2qb: QBXML message information); three to spare, for its own samples disagree.
LONGEST_ID = 20


@dataclass(frozen=True)
class MessageSet:
    """Requests that travel together; the first that fails stops the rest, what is before it stays done.

    ``new_id`` has QuickBooks keep what came of the set, so that the same text again is not done again. ``old_id`` alone
    has it forget that set; with an equal ``new_id`` and no requests it asks what came of it.
    Intuit: QuickBooks Desktop SDK, error recovery.
    """

    requests: Sequence[Request] = ()
    new_id: str | None = None
    old_id: str | None = None

    def text(self) -> str:
        """Plain ASCII: other characters are decimal references, which QuickBooks reads whatever the encoding."""
        root = etree.Element("QBXML")
        inner = etree.SubElement(root, "QBXMLMsgsRq", onError="stopOnError")
        for name, value in (("newMessageSetID", self.new_id), ("oldMessageSetID", self.old_id)):
            if value is not None:
                inner.set(name, value)
        for request in self.requests:
            inner.append(cast(etree._Element, request.to_xml_tree(skip_empty=True)))
        return PROLOGUE + etree.tostring(root, encoding="ascii", xml_declaration=False).decode("ascii")


def status_check(message_set_id: str) -> MessageSet:
    """Asks what came of a set whose answer was lost. It does nothing and forgets nothing."""
    return MessageSet(new_id=message_set_id, old_id=message_set_id)


def request_text(request: Request) -> str:
    """One request as it will stand in its message set: kept with a posting attempt until it is handed out."""
    element = cast(etree._Element, request.to_xml_tree(skip_empty=True))
    return etree.tostring(element, encoding="ascii", xml_declaration=False).decode("ascii")


def write_text(request: str, new_id: str, old_id: str | None) -> str:
    """The message set around a kept request. ``old_id`` names the set before it, which QuickBooks may forget now."""
    forgets = f' oldMessageSetID="{old_id}"' if old_id is not None else ""
    opening = f'<QBXMLMsgsRq onError="stopOnError" newMessageSetID="{new_id}"{forgets}>'
    return f"{PROLOGUE}<QBXML>{opening}{request}</QBXMLMsgsRq></QBXML>"
