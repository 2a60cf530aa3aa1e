"""The .qwc file with which a person adds an application to the Web Connector.

Source: QuickBooks Web Connector Programmer's Guide, Table 4-1 and the chapter on error codes.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

_GUID = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")
_REQUIRED = ("AppName", "AppURL", "AppDescription", "AppSupport", "UserName", "OwnerID", "FileID", "QBType")
_KNOWN = {
    *_REQUIRED,
    *("AppID", "Scheduler", "Style", "IsReadOnly", "PersonalDataPref", "UnattendedModePref", "AuthFlags", "Notify"),
    *("AppDisplayName", "AppUniqueName", "CertURL"),
}
_STYLES = ("Document", "DocWrapped", "RPC")
_LONGEST_DESCRIPTION = 80


class QwcError(Exception):
    """The Web Connector does not take the application: `code` (QBWC1000 ...) and what the person reads."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


@dataclass(frozen=True)
class QwcFile:
    """What the Web Connector keeps of the file. `every_seconds` is None where nothing is scheduled."""

    app_name: str
    app_url: str
    description: str
    support_url: str
    user_name: str
    owner_id: str
    file_id: str
    style: str
    every_seconds: int | None
    is_read_only: bool
    certificate_url: str


def read_qwc(text: str) -> QwcFile:
    """Raises QwcError for a file that the Web Connector refuses, with the reason."""
    fields = _fields(text)
    missing = [name for name in _REQUIRED if not fields.get(name)]
    if missing or "AppID" not in fields:
        raise QwcError("QBWC1020", f"The .qwc file lacks {', '.join(missing or ['AppID'])}.")
    for name in ("OwnerID", "FileID"):
        if not _GUID.fullmatch(fields[name]):
            raise QwcError("QBWC1026", f"{name} must be a GUID in braces.")
    if fields["QBType"] != "QBFS":
        raise QwcError("QBWC1024", "QBType must be QBFS for QuickBooks.")
    style = fields.get("Style") or "Document"
    if style not in _STYLES:
        raise QwcError("QBWC1025", "Style must be Document, DocWrapped or RPC.")
    if len(fields["AppDescription"]) > _LONGEST_DESCRIPTION:
        raise QwcError("QBWC1023", f"AppDescription should have at most {_LONGEST_DESCRIPTION} characters.")
    _check_addresses(fields["AppURL"], fields["AppSupport"])
    return QwcFile(
        app_name=fields["AppName"],
        app_url=fields["AppURL"],
        description=fields["AppDescription"],
        support_url=fields["AppSupport"],
        user_name=fields["UserName"],
        owner_id=fields["OwnerID"],
        file_id=fields["FileID"],
        style=style,
        every_seconds=_schedule(fields),
        is_read_only=fields.get("IsReadOnly", "false").casefold() == "true",
        certificate_url=fields.get("CertURL") or fields["AppURL"],
    )


def _fields(text: str) -> dict[str, str]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(text.strip().encode(), parser)
    except etree.XMLSyntaxError as error:
        raise QwcError("QBWC1021", f"The .qwc file is no XML: {error}") from None
    if root.tag != "QBWCXML":
        raise QwcError("QBWC1021", "The .qwc file must begin with QBWCXML.")
    unknown = sorted(str(child.tag) for child in root if str(child.tag) not in _KNOWN)
    if unknown:
        raise QwcError("QBWC1021", f"The .qwc file has unknown elements: {', '.join(unknown)}.")
    fields = {str(child.tag): (child.text or "").strip() for child in root if child.tag != "Scheduler"}
    for each in root.findall("Scheduler/*")[:1]:
        fields["Scheduler"] = f"{each.tag!s} {(each.text or '').strip()}"
    return fields


def _schedule(fields: dict[str, str]) -> int | None:
    if "Scheduler" not in fields:
        return None
    word, _, number = fields["Scheduler"].partition(" ")
    units = {"RunEveryNMinutes": 60, "RunEveryNSeconds": 1}
    if word not in units or not number.isdecimal() or int(number) < 1:
        raise QwcError("QBWC1022", "Scheduler holds RunEveryNMinutes or RunEveryNSeconds with a whole number.")
    return int(number) * units[word]


def _check_addresses(app_url: str, support_url: str) -> None:
    """HTTPS with a name, not an address, and both on one host; this very machine is exempt, for development."""
    app, support = urlsplit(app_url), urlsplit(support_url)
    for place, parts in (("AppURL", app), ("AppSupport", support)):
        host = parts.hostname or ""
        if not host or parts.scheme not in ("http", "https"):
            raise QwcError("QBWC1000", f"{place} is no web address.")
        if _is_local(host):
            continue
        if _is_address(host):
            raise QwcError("QBWC1001" if place == "AppURL" else "QBWC1002", f"{place} must not be an IP address.")
        if parts.scheme != "https":
            raise QwcError("QBWC1010", f"{place} must begin with https://.")
    if app.hostname != support.hostname:
        raise QwcError("QBWC1000", "AppURL and AppSupport must be on the same domain.")


def _is_local(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
