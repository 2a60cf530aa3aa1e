"""Envelopes of the Web Connector, as captured and as they go wrong."""

import pytest
from lxml import etree

from providers.quickbooks_desktop.operations import OPERATIONS
from providers.quickbooks_desktop.soap import (
    LARGEST_ENVELOPE,
    SOAP_11,
    SOAP_12,
    NoCall,
    read_call,
    write_answer,
    write_fault,
)

AUTHENTICATE = b"""<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <soap:Body>
    <authenticate xmlns="http://developer.intuit.com/">
      <strUserName>inbuild-1</strUserName>
      <strPassword>a&amp;b</strPassword>
    </authenticate>
  </soap:Body>
</soap:Envelope>"""
SERVER_VERSION = (
    b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    b'<serverVersion xmlns="http://developer.intuit.com/" /></soap:Body></soap:Envelope>'
)
RPC = b"""<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:tns="http://developer.intuit.com/" xmlns:types="http://developer.intuit.com/encodedTypes"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <soap:Body soap:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">
    <tns:authenticate><strUserName xsi:type="xsd:string">inbuild-1</strUserName>
    <strPassword xsi:type="xsd:string">a&amp;b</strPassword></tns:authenticate>
  </soap:Body></soap:Envelope>"""


def test_a_captured_call_is_read() -> None:
    call = read_call(AUTHENTICATE)
    assert (call.operation.name, call.envelope) == ("authenticate", SOAP_11)
    assert call.arguments == {"strUserName": "inbuild-1", "strPassword": "a&b"}


def test_an_empty_operation_is_read() -> None:
    assert read_call(SERVER_VERSION).operation.name == "serverVersion"


def test_an_rpc_envelope_reads_the_same() -> None:
    assert read_call(RPC).arguments == read_call(AUTHENTICATE).arguments


def test_soap_1_2_is_answered_in_kind() -> None:
    call = read_call(SERVER_VERSION.replace(SOAP_11.encode(), SOAP_12.encode()))
    assert etree.fromstring(write_answer(call, "1")).tag == f"{{{SOAP_12}}}Envelope"


def test_what_is_left_out_is_empty() -> None:
    call = read_call(AUTHENTICATE.replace(b"<strPassword>a&amp;b</strPassword>", b""))
    assert call.arguments == {"strUserName": "inbuild-1", "strPassword": ""}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no well-formed XML"),
        (AUTHENTICATE[:-20], "no well-formed XML"),
        (b"<hello/>", "no SOAP envelope"),
        (AUTHENTICATE.replace(b"http://developer.intuit.com/", b"http://example.test/"), "no operation authenticate"),
        (AUTHENTICATE.replace(b"authenticate", b"dropTables"), "no operation dropTables"),
        (SERVER_VERSION.replace(b'<serverVersion xmlns="http://developer.intuit.com/" />', b""), "body is empty"),
        (b'<!DOCTYPE x [<!ENTITY e "x">]>' + SERVER_VERSION, "document type"),
        (SERVER_VERSION + b" " * LARGEST_ENVELOPE, "at most"),
        (
            AUTHENTICATE.replace(b"authenticate", b"sendRequestXML").replace(b"strUserName", b"qbXMLMajorVers"),
            "qbXMLMajorVers is no number",
        ),
    ],
    ids=["empty", "half", "other xml", "namespace", "operation", "no body", "dtd", "giant", "number"],
)
def test_what_is_no_call_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(NoCall, match=reason):
        read_call(body)


def test_answers_are_compact_and_keep_empty_elements() -> None:
    call = read_call(AUTHENTICATE)
    assert write_answer(call, ["", "nvu"]).endswith(
        b'<soap:Body><authenticateResponse xmlns="http://developer.intuit.com/"><authenticateResult>'
        b"<string></string><string>nvu</string></authenticateResult></authenticateResponse></soap:Body></soap:Envelope>"
    )
    empty = write_answer(read_call(AUTHENTICATE.replace(b"authenticate", b"sendRequestXML")), "")
    assert b"<sendRequestXMLResult></sendRequestXMLResult>" in empty


@pytest.mark.parametrize("envelope", [SOAP_11, SOAP_12])
def test_a_fault_says_whose_it_is(envelope: str) -> None:
    text = write_fault("the body is <empty>", is_ours=False, envelope=envelope)
    assert etree.fromstring(text).tag == f"{{{envelope}}}Envelope"
    assert b"the body is &lt;empty&gt;" in text
    assert (b"Client" in text) or (b"Sender" in text)


def test_the_interactive_operations_are_understood_but_not_published() -> None:
    assert {name for name, operation in OPERATIONS.items() if not operation.is_published} == {
        "getInteractiveURL",
        "interactiveRejected",
        "interactiveDone",
    }
