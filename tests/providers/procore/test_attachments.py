"""A file's way from Procore to the storage: where the token goes, and where it must not."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from foundation.http_client import build_http_client
from providers.procore.attachments import ProcoreHosts
from providers.procore.client import ProcoreClient
from providers.procore.errors import (
    ProcoreAttachmentTooLarge,
    ProcoreError,
    ProcoreNotFound,
    ProcoreUnauthorized,
    ProcoreUnavailable,
    ProcoreUnreadable,
)
from providers.procore.token_source import HeldToken
from tests.providers.procore.test_client import TwoTokens
from tests.providers.procore.wire_server import Played, WireServer, wire_server

PDF = b"%PDF-1.4 \x00\xff bytes"


@pytest.fixture
async def storage() -> AsyncIterator[WireServer]:
    async with wire_server() as server:
        yield server


@pytest.fixture
def client(procore: WireServer, http: httpx.AsyncClient) -> ProcoreClient:
    return ProcoreClient(procore.url, http, HeldToken("a-token"), "4907")


async def test_the_token_goes_to_procore_and_not_to_the_storage(
    procore: WireServer, storage: WireServer, client: ProcoreClient
) -> None:
    procore.play(Played(302, {"Location": "/files/2"}), Played(302, {"Location": f"{storage.url}/signed?key=1"}))
    storage.play(Played(200, {"Content-Type": "application/pdf"}, PDF))
    file = await client.download_attachment(f"{procore.url}/files/1", max_bytes=100)
    assert (file.content, file.content_type) == (PDF, "application/pdf")
    assert [one.headers.get("authorization") for one in procore.received] == ["Bearer a-token"] * 2
    assert [one.headers.get("procore-company-id") for one in procore.received] == ["4907"] * 2
    (stored,) = storage.received
    assert stored.target == "/signed?key=1"
    assert not {"authorization", "procore-company-id", "cookie", "referer"} & stored.headers.keys()


async def test_the_cap_counts_what_arrives(procore: WireServer, client: ProcoreClient) -> None:
    procore.play(Played(200, {}, b"x" * 100), Played(200, {}, b"x" * 101))
    url = f"{procore.url}/files/1"
    assert len((await client.download_attachment(url, max_bytes=100)).content) == 100
    with pytest.raises(ProcoreAttachmentTooLarge, match="100 bytes"):
        await client.download_attachment(url, max_bytes=100)


async def test_the_cap_counts_unpacked_bytes(procore: WireServer, client: ProcoreClient) -> None:
    procore.play(Played(200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 5_000_000)))
    with pytest.raises(ProcoreAttachmentTooLarge):
        await client.download_attachment(f"{procore.url}/files/1", max_bytes=1_000_000)


@pytest.mark.parametrize(
    ("played", "kind"),
    [
        (Played(404, {}, '{"errors":"Not Found"}'), ProcoreNotFound),
        (Played(503, {}, ""), ProcoreUnavailable),
        (Played(200, {}, PDF, cut_at=5), ProcoreUnavailable),
        (Played(200, {"Content-Encoding": "gzip"}, PDF), ProcoreUnavailable),
        (Played(silent=True), ProcoreUnavailable),
        (Played(302, {"Location": "ftp://files.example/1"}), ProcoreUnreadable),
        (Played(302, {"Location": "http://[half"}), ProcoreUnavailable),
        (Played(304, {}, ""), ProcoreUnreadable),
    ],
)
async def test_a_file_that_does_not_come_says_why(
    procore: WireServer, client: ProcoreClient, played: Played, kind: type[ProcoreError]
) -> None:
    procore.play(played)
    with pytest.raises(kind):
        await client.download_attachment(f"{procore.url}/files/1", max_bytes=100)


async def test_a_storage_that_refuses_is_asked_again_later(
    procore: WireServer, storage: WireServer, client: ProcoreClient
) -> None:
    procore.play(Played(302, {"Location": storage.url}))
    storage.play(Played(403, {}, "<Error><Code>AccessDenied</Code></Error>"))
    with pytest.raises(ProcoreUnavailable, match="storage"):
        await client.download_attachment(f"{procore.url}/files/1", max_bytes=100)


async def test_a_circle_of_redirects_ends(procore: WireServer, client: ProcoreClient) -> None:
    procore.play(*(Played(302, {"Location": "/files/1"}) for _ in range(10)))
    with pytest.raises(ProcoreUnreadable, match="too often"):
        await client.download_attachment(f"{procore.url}/files/1", max_bytes=100)
    assert len(procore.received) == 6


async def test_a_refused_token_is_replaced_once(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(401, {}, "{}"), Played(200, {}, PDF), Played(401, {}, "{}"), Played(401, {}, "{}"))
    url = f"{procore.url}/files/1"
    client = ProcoreClient(procore.url, http, TwoTokens(), "4907")
    assert (await client.download_attachment(url, max_bytes=100)).content == PDF
    with pytest.raises(ProcoreUnauthorized):
        await client.download_attachment(url, max_bytes=100)


@pytest.mark.parametrize("url", ["http://app.procore.com/files/1", "file:///etc/passwd", "files/1", "", "http://[half"])
async def test_in_production_only_encrypted_addresses_are_fetched(url: str) -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"{request.url} was fetched")

    async with build_http_client(httpx.MockTransport(never)) as http:
        client = ProcoreClient("https://api.procore.com", http, HeldToken("t"), "4907")
        with pytest.raises(ProcoreUnreadable):
            await client.download_attachment(url, max_bytes=100)


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://app.procore.com/files/1", True),
        ("https://storage.us02.procore.com/files/1", True),
        ("https://procore.com/x", True),
        ("https://api.procore.com/rest", True),
        ("http://app.procore.com/files/1", False),
        ("https://procore.com.evil.example/x", False),
        ("https://evilprocore.com/x", False),
        ("https://s3.amazonaws.com/procore.com", False),
        ("https://app.procore.com@evil.example/x", False),
    ],
)
def test_only_procore_is_trusted_with_the_token(url: str, trusted: bool) -> None:
    assert ProcoreHosts(httpx.URL("https://api.procore.com")).trusts(httpx.URL(url)) is trusted
