"""No message to or from a workflow has room for a secret."""

from pathlib import Path

import pytest

from tests.linters import message_secrets
from tests.linters.planting import found_in


def _message(field: str) -> str:
    return f"class CallbackReceived(Message):\n    {field}: str\n"


@pytest.mark.parametrize(
    "field", ["token", "access_token", "client_secret", "password", "code", "oauth_code", "credentials", "token_pair"]
)
def test_a_field_for_a_secret_is_an_offence(tmp_path: Path, field: str) -> None:
    [(line, sentence)] = found_in(tmp_path, "contracts/connection.py", _message(field), message_secrets.offences)
    assert line == 2
    assert f"CallbackReceived.{field} would stand in the workflow's history" in sentence


@pytest.mark.parametrize("field", ["attempt_id", "cost_code_id", "reason", "passed_over", "tokenised_by"])
def test_other_fields_pass(tmp_path: Path, field: str) -> None:
    assert found_in(tmp_path, "contracts/connection.py", _message(field), message_secrets.offences) == []


def test_only_what_crosses_the_boundary_is_held_to_it(tmp_path: Path) -> None:
    code = _message("access_token")
    assert found_in(tmp_path, "providers/procore/oauth.py", code, message_secrets.offences) == []
