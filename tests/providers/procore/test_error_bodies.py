"""Every shape an error body of Procore may have, and what becomes of shapes it may not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.procore.error_bodies import read_error_body


@pytest.mark.parametrize(
    ("text", "message", "code"),
    [
        ('{"errors":["App is not connected to this company."]}', "App is not connected to this company.", None),
        ('{"errors":["one","two","one"]}', "one; two", None),
        ('{"errors":[{"message":"one"},{"message":"two","code":7}]}', "one; two", None),
        ('{"errors":{"assignees":["required"]}}', "assignees: required", None),
        ('{"errors":{"origin_id":["taken","too long"],"amount":"bad"}}',
         "origin_id: taken; origin_id: too long; amount: bad", None),
        ('{"errors":{"base":["Invoice is locked"]}}', "Invoice is locked", None),
        ('{"errors":{"fields":{"label":"is missing"}}}', "label: is missing", None),
        ('{"errors":"You may not"}', "You may not", None),
        ('{"error":"Not Found"}', "Not Found", None),
        ('{"message":"Record not found"}', "Record not found", None),
        ('{"message":"Broken","exception":"Procore::Oops"}', "Broken", None),
        ('{"code":401,"message":"The access token is invalid","fields":""}', "The access token is invalid", "401"),
        ('{"code":403,"message":"No","fields":"budget"}', "No; fields: budget", "403"),
        ('{"reason":"No access","error":"forbidden"}', "No access", "forbidden"),
        ('{"error":{"code":"BAD_REQUEST","message":"Bad","details":'
         '[{"reason_code":"R1","message":"must be positive","source":"amount"}]}}',
         "Bad; amount: must be positive", "BAD_REQUEST"),
        ('{"error":{"code":"FORBIDDEN","message":"No access","details":'
         '[{"reason_code":"FORBIDDEN","message":"No access","source":"base"}]}}', "No access", "FORBIDDEN"),
        ('{"code":"INVALID","message":"Bad","details":[{"code":"R2","message":"late","source":"date"}]}',
         "Bad; date: late", "INVALID"),
        ('{"error":"invalid_grant","error_description":"The refresh token is invalid"}',
         "The refresh token is invalid", "invalid_grant"),
        ('{"error":"invalid_client"}', "invalid_client", "invalid_client"),
        ("", "no reason given", None),
        (" \r\n ", "no reason given", None),
        ("{}", "no reason given", None),
        ("[]", "no reason given", None),
        ("null", "no reason given", None),
        ('{"errors":[]}', "no reason given", None),
        ('{"errors":{"base":[null,3,true]}}', "no reason given", None),
        ('{"errors":null,"message":"ignored"}', "no reason given", None),
        ('"just a text"', "just a text", None),
        ("Retry later\n\nplease", "Retry later please", None),
        ('{"message": "cut of', '{"message": "cut of', None),
    ],
)  # fmt: skip
def test_a_known_shape_gives_its_message(text: str, message: str, code: str | None) -> None:
    body = read_error_body(text)
    assert (body.message, body.code, body.is_html) == (message, code, False)


@pytest.mark.parametrize("text", ["<html></html>", "\n <!DOCTYPE html><title>502</title>", "<?xml version='1.0'?>"])
def test_a_page_is_no_answer(text: str) -> None:
    assert read_error_body(text).is_html


def test_a_long_message_is_cut() -> None:
    message = read_error_body('{"message": "' + "x" * 10_000 + '"}').message
    assert (len(message), message[-1]) == (500, "…")


def test_a_bottomless_body_is_survived() -> None:
    assert read_error_body('{"errors":' * 50_000).message.startswith('{"errors":')
    assert read_error_body('{"errors":' * 300 + '"deep"' + "}" * 300).message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["errors", "error", "message", "code", "details", "fields", "x"]), inner)
    ),
)


@given(JSON)
def test_any_json_gives_one_line(value: object) -> None:
    body = read_error_body(json.dumps(value))
    assert body.message
    assert "\n" not in body.message
    assert len(body.message) <= 500
