"""How a connection stands is read from rows and page; every word of it that is wrong is found."""

from dataclasses import fields, replace
from typing import Any

import pytest

from demo.check.standing import (
    CONNECTED,
    CUT_OFF_AT_INTUIT,
    DISCONNECTED,
    HARD_END,
    NEVER_CONNECTED,
    REFRESH_REFUSED,
    Standing,
    differences,
    failed,
    read_standing,
    unrevoked_consents,
)
from tests.demo.check.customer import PROCORE_ID, REALM, Customer

MIRRORED = replace(CONNECTED, mirroring_on=True)
CARD = {"quickbooks_company_id": REALM, "status": "Connected", "status_sentence": None, "offers_reconnect": False}


def stands(customer: Customer, card: dict[str, Any] = CARD, page: str = "") -> Standing:
    return read_standing(customer.url, PROCORE_ID, REALM, [{"quickbooks_company_id": "2"}, card], page)


def test_a_good_connection_stands_as_connected(customer: Customer) -> None:
    assert differences(stands(customer), MIRRORED) == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (
            "UPDATE connection SET state = 'expired', state_reason = 'hard_end'",
            "state is 'expired', should be 'active'",
        ),
        ("UPDATE connection SET state_reason = 'hard_end'", "reason is 'hard_end', should be ''"),
        ("DELETE FROM credential", "credentials is 0, should be 1"),
        ("UPDATE mirroring SET is_on = false", "mirroring_on is False, should be True"),
        ("UPDATE connection_attempt SET outcome = 'pending'", "attempt is 'pending', should be 'succeeded'"),
        ("UPDATE connection_attempt SET refresh_token = 'r'", "left_over is 1, should be 0"),
        ("UPDATE connection_attempt SET code = 'c'", "left_over is 1, should be 0"),
        (
            "INSERT INTO token_revocation (company_id, id, connection_id, environment, quickbooks_company_id, token, "
            "created_at) VALUES (%(company)s, %(attempt)s, %(connection)s, 'simulated', %(realm)s, 't', '2026-01-01Z')",
            "left_over is 1, should be 0",
        ),
        (
            "INSERT INTO connection SELECT (one).* FROM (SELECT jsonb_populate_record(k, jsonb_build_object('id', "
            "%(attempt)s::text, 'quickbooks_company_id', '2', 'state', 'disconnected')) AS one FROM connection k) t",
            "connections is 2, should be 1",
        ),
    ],
)
def test_a_wrong_row_is_found(customer: Customer, broken: str, said: str) -> None:
    customer.run(broken)
    assert said in differences(stands(customer), MIRRORED)


def test_another_company_is_not_looked_at(customer: Customer) -> None:
    customer.run("UPDATE company SET procore_company_id = '2' WHERE id = %(company)s")
    customer.run("UPDATE company SET procore_company_id = %(procore_id)s WHERE id = %(stranger)s")
    assert differences(read_standing(customer.url, PROCORE_ID, REALM, [], ""), NEVER_CONNECTED) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"status": "Connecting"}, "words is 'Connecting', should be 'Connected'"),
        ({"status_sentence": "Reconnect to go on."}, "sentence is 'Reconnect to go on.', should be ''"),
        ({"offers_reconnect": True}, "offers_reconnect is True, should be False"),
        ({"quickbooks_company_id": "3"}, "words is '', should be 'Connected'"),
    ],
)
def test_a_wrong_word_on_the_card_is_found(customer: Customer, words: dict[str, Any], said: str) -> None:
    assert said in differences(stands(customer, CARD | words), MIRRORED)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<b>Connection Failed</b> Intuit&#39;s page said no. Try again", []),
        ("<b>Connection Failed</b> Try again", ["shows_failure is False, should be True"]),
        ("Intuit's page said no.", ["shows_failure is False, should be True"]),
    ],
)
def test_the_banner_names_its_reason(customer: Customer, page: str, said: list[str]) -> None:
    customer.run("UPDATE connection_attempt SET outcome = 'failed', reason = 'Intuit''s page said no.'")
    assert differences(stands(customer, page=page), failed(MIRRORED, "Intuit's page said no.")) == said


def test_a_banner_that_stayed_is_found(customer: Customer) -> None:
    assert "shows_failure is True, should be False" in differences(
        stands(customer, page="<b>Connection Failed</b>"), MIRRORED
    )


def test_no_two_standings_are_alike() -> None:
    every = [NEVER_CONNECTED, CONNECTED, HARD_END, REFRESH_REFUSED, CUT_OFF_AT_INTUIT, DISCONNECTED]
    assert len({*every, *(failed(one, "why") for one in every)}) == 2 * len(every)
    assert all(differences(one, one) == [] for one in every)
    assert len(differences(failed(HARD_END, "why"), NEVER_CONNECTED)) == len(fields(Standing)) - 2


def test_only_consents_that_intuit_still_holds_count() -> None:
    consents = [
        {"realm_id": REALM, "revoked": False},
        {"realm_id": REALM, "revoked": True},
        {"realm_id": "2", "revoked": False},
    ]
    assert unrevoked_consents({"consents": consents}, REALM) == 1
