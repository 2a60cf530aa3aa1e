"""What QuickBooks says, in its own words: answers put together for the requests a test was handed."""

import re

OWNER = "{6F0C9A52-51C7-4D0E-9A7E-3B6F1D2C8E41}"
FILE_ID = "{0a1b2c3d-0000-4000-8000-000000000001}"
OK = 'statusCode="0" statusSeverity="Info" statusMessage="Status OK"'
NO_MATCH = (
    'statusCode="1" statusSeverity="Info" statusMessage="A query request did not find a matching object in QuickBooks"'
)


def answer(inside: str, attributes: str = "") -> str:
    return f'<?xml version="1.0" ?><QBXML><QBXMLMsgsRs{attributes}>{inside}</QBXMLMsgsRs></QBXML>'


def request_id(text: str) -> str:
    found = re.search(r'requestID="([^"]+)"', text)
    assert found is not None, text
    return found.group(1)


def set_id(text: str) -> str:
    found = re.search(r'newMessageSetID="([^"]+)"', text)
    assert found is not None, text
    return found.group(1)


def which_file(
    file_id: str | None = FILE_ID,
    name: str = "Hartwell Construction LLC",
    machine: str = "OFFICE-PC",
    closing: str = "",
) -> str:
    """What the Web Connector brings with the first request of a session."""
    stamp = private("FileID", file_id.upper()) if file_id else ""
    date = f"<ClosingDate>{closing}</ClosingDate>" if closing else ""
    return answer(
        f'<HostQueryRs requestID="0" {OK}><HostRet><ProductName>QuickBooks Premier 2024</ProductName>'
        "<Country>US</Country><SupportedQBXMLVersion>13.0</SupportedQBXMLVersion></HostRet></HostQueryRs>"
        f'<CompanyQueryRs requestID="1" {OK}><CompanyRet><IsSampleCompany>false</IsSampleCompany>'
        f"<CompanyName>{name}</CompanyName><LegalCompanyName>{name}</LegalCompanyName>{stamp}"
        f"{private('AppLock', f'LOCKED:{machine}:1')}</CompanyRet></CompanyQueryRs>"
        f'<PreferencesQueryRs requestID="2" {OK}><PreferencesRet><AccountingPreferences>'
        f"<IsUsingClassTracking>false</IsUsingClassTracking>{date}</AccountingPreferences></PreferencesRet>"
        "</PreferencesQueryRs>"
    )


def private(name: str, value: str) -> str:
    return (
        f"<DataExtRet><OwnerID>{OWNER}</OwnerID><DataExtName>{name}</DataExtName>"
        f"<DataExtType>STR255TYPE</DataExtType><DataExtValue>{value}</DataExtValue></DataExtRet>"
    )


def bill(
    number: str,
    stamp: str = "",
    *,
    vendor: str = "80000001-1700000000",
    total: str = "15300.00",
    memo: str = "typed by hand",
    txn_id: str = "1A-1769900000",
) -> str:
    mark = f"<ExternalGUID>{stamp}</ExternalGUID>" if stamp else ""
    return (
        f"<BillRet><TxnID>{txn_id}</TxnID><TimeCreated>2026-07-01T09:00:00-05:00</TimeCreated>"
        "<TimeModified>2026-07-01T09:00:00-05:00</TimeModified><EditSequence>1769954400</EditSequence>"
        f"<VendorRef><ListID>{vendor}</ListID><FullName>Ernie's Electrical</FullName></VendorRef>"
        f"<TxnDate>2026-06-30</TxnDate><AmountDue>{total}</AmountDue><RefNumber>{number}</RefNumber>"
        f"<Memo>{memo}</Memo><IsPaid>false</IsPaid>{mark}<OpenAmount>{total}</OpenAmount></BillRet>"
    )


def found(text: str, *bills: str) -> str:
    """The answer to a query for bills."""
    status = OK if bills else NO_MATCH
    return answer(f'<BillQueryRs requestID="{request_id(text)}" {status}>{"".join(bills)}</BillQueryRs>')


def added(text: str, stamp: str, **told: str) -> str:
    """The answer to a BillAdd that went well."""
    number = re.search("<RefNumber>([^<]+)</RefNumber>", text)
    assert number is not None, text
    inside = f'<BillAddRs requestID="{request_id(text)}" {OK}>{bill(number.group(1), stamp, **told)}</BillAddRs>'
    return answer(inside, f' newMessageSetID="{set_id(text)}" messageSetStatusCode="0"')


def credit_added(text: str, stamp: str) -> str:
    """The answer to a VendorCreditAdd that went well."""
    inside = f'<VendorCreditAddRs requestID="{request_id(text)}" {OK}>{credit("CM-1", stamp)}</VendorCreditAddRs>'
    return answer(inside, f' newMessageSetID="{set_id(text)}" messageSetStatusCode="0"')


def credit(number: str, stamp: str = "") -> str:
    mark = f"<ExternalGUID>{stamp}</ExternalGUID>" if stamp else ""
    return (
        "<VendorCreditRet><TxnID>2B-1769900000</TxnID><TimeCreated>2026-07-01T09:00:00-05:00</TimeCreated>"
        "<TimeModified>2026-07-01T09:00:00-05:00</TimeModified><EditSequence>1769954400</EditSequence>"
        "<VendorRef><ListID>80000001-1700000000</ListID><FullName>Ernie's Electrical</FullName></VendorRef>"
        f"<TxnDate>2026-06-30</TxnDate><CreditAmount>15300.00</CreditAmount><RefNumber>{number}</RefNumber>"
        f"<Memo>typed by hand</Memo>{mark}<OpenAmount>15300.00</OpenAmount></VendorCreditRet>"
    )


def both_found(text: str, bills: str = "", credits: str = "") -> str:
    """The answer to a query for bills and for vendor credits, one after the other."""
    ids = re.findall('requestID="([^"]+)"', text)
    told = (("BillQueryRs", ids[0], bills), ("VendorCreditQueryRs", ids[1], credits))
    return answer(
        "".join(f'<{name} requestID="{of}" {OK if rows else NO_MATCH}>{rows}</{name}>' for name, of, rows in told)
    )


def refused(text: str, code: int, message: str) -> str:
    inside = (
        f'<BillAddRs requestID="{request_id(text)}" statusCode="{code}" statusSeverity="Error" '
        f'statusMessage="{message}"/>'
    )
    return answer(inside, f' newMessageSetID="{set_id(text)}" messageSetStatusCode="0"')


def stored(text: str, status: int, inside: str = "") -> str:
    """The answer to the question what came of a message set."""
    return answer(inside, f' newMessageSetID="{set_id(text)}" messageSetStatusCode="{status}"')
