"""httpx2 stays out: Authlib would silently switch to it, and our transports and spans would no longer see its calls."""

import importlib.util
from pathlib import Path

import authlib.integrations.httpx_client
import httpx

ROOT = Path(__file__).resolve().parent.parent


def test_httpx2_is_not_installed() -> None:
    assert importlib.util.find_spec("httpx2") is None


def test_httpx2_is_not_locked() -> None:
    locked = {line.split("==")[0].strip() for line in (ROOT / "requirements.lock").read_text().splitlines()}
    assert "httpx" in locked
    assert "httpx2" not in locked


def test_authlibs_client_is_an_httpx_client() -> None:
    assert issubclass(authlib.integrations.httpx_client.AsyncOAuth2Client, httpx.AsyncClient)
