"""The Procore REST API as this product uses it: one company, one token source, no retries.

Retrying is Temporal's; the only call ever sent twice here is one refused with 401, once, with a fresh token.
Which environment it talks to is `base_url` alone (Procore: documentation/platform_concepts/
development_environments.md).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import httpx

from providers.procore.attachments import DownloadedFile, ProcoreHosts, download
from providers.procore.calls import ProcoreCalls, Query, parsed, reader, unreadable_answer
from providers.procore.change_histories import ChangeHistory
from providers.procore.commitments import Commitment, CommitmentType
from providers.procore.contract_payments import ContractPayments
from providers.procore.cost_codes import CostCode
from providers.procore.errors import ProcoreUnauthorized, ProcoreUnreadable
from providers.procore.paging import Page
from providers.procore.people import CompanyUser, Me, ProcoreCompany
from providers.procore.permissions import Permissions
from providers.procore.projects import Project
from providers.procore.rate_limit import RateLimit
from providers.procore.requisitions import (
    Requisition,
    RequisitionText,
    RequisitionView,
    read_requisition,
    text_of,
)
from providers.procore.token_source import TokenSource
from providers.procore.vendors import ProcoreVendor
from providers.procore.webhooks import PAYLOAD_VERSION, Delivery, Hook, Trigger, WebhookResource
from providers.procore.wire import Unreadable, record_of

# Procore advises against more than 2,000; the extended view is heavy, and 408 answers punish large pages.
REQUISITIONS_PER_PAGE = 100
# The documented maximum of the projects list; the other lists take as much.
RECORDS_PER_PAGE = 300
_REQUISITIONS = "/rest/v1.1/requisitions"
# The documented maximum of API v2.
V2_PER_PAGE = 100


class ProcoreClient:
    """Calls in the name of whoever `token_source` stands for.

    Every method raises the errors of `providers.procore.errors`. `company_id` is Procore's; it may be
    None for `me` and `companies` with a user's token, before a company is chosen; with our service
    account it is always needed (Procore: documentation/oauth/oauth_client_credentials.md).
    """

    def __init__(
        self,
        base_url: str,
        http: httpx.AsyncClient,
        token_source: TokenSource,
        company_id: str | None,
    ) -> None:
        self._http = http
        self._token_source = token_source
        self._company_id = company_id
        self._hosts = ProcoreHosts(httpx.URL(base_url))
        self._calls = ProcoreCalls(base_url, http, token_source, company_id)
        self.contract_payments = ContractPayments(self._calls)

    @property
    def calls(self) -> int:
        """How many API calls this client sent, refused ones included: each costs allowance."""
        return self._calls.count

    @property
    def rate_limit(self) -> RateLimit | None:
        """The latest reading of the allowance; None before the first answer that carries one."""
        return self._calls.rate_limit

    # Who am I

    async def me(self) -> Me:
        """The user behind the token; with our service account's token, the service account."""
        query = [] if self._company_id is None else [("company_id", self._company_id)]
        return await self._calls.one("/rest/v1.0/me", query, Me)

    def companies(self) -> AsyncIterator[Page[ProcoreCompany]]:
        """Companies the token may enter; for the service account those that installed the app."""
        return self._calls.pages("/rest/v1.0/companies", [], reader(ProcoreCompany), RECORDS_PER_PAGE)

    async def company_user(self) -> CompanyUser:
        """The calling user as this company's directory knows them."""
        return await self._calls.one(f"/rest/v1.0/companies/{_segment(self._company())}/me", [], CompanyUser)

    async def permissions(self) -> Permissions:
        """The calling user's tools in this company: call it with the person's own token."""
        return await self._calls.one("/rest/v1.0/settings/permissions", [("company_id", self._company())], Permissions)

    # Reference lists

    def projects(self, by_status: str = "All") -> AsyncIterator[Page[Project]]:
        """Projects the caller may see; `by_status` is Active, Inactive or All."""
        query = [("company_id", self._company()), ("filters[by_status]", by_status)]
        return self._calls.pages("/rest/v1.1/projects", query, reader(Project), RECORDS_PER_PAGE)

    async def project(self, project_id: str) -> Project:
        """One project."""
        return await self._calls.one(
            f"/rest/v1.0/projects/{_segment(project_id)}", [("company_id", self._company())], Project
        )

    def vendors(self) -> AsyncIterator[Page[ProcoreVendor]]:
        """Active vendors of the company directory."""
        query = [("company_id", self._company()), ("view", "extended")]
        return self._calls.pages("/rest/v1.0/vendors", query, reader(ProcoreVendor), RECORDS_PER_PAGE)

    def commitments(self, project_id: str, kind: CommitmentType) -> AsyncIterator[Page[Commitment]]:
        """Subcontracts or purchase orders of a project, private ones only if the caller may see them."""
        query = [("project_id", project_id), ("view", "extended")]
        return self._calls.pages(kind.path, query, reader(Commitment, commitment_type=kind), RECORDS_PER_PAGE)

    async def commitment(self, project_id: str, kind: CommitmentType, commitment_id: str) -> Commitment:
        """One subcontract or purchase order."""
        path = f"{kind.path}/{_segment(commitment_id)}"
        return await self._calls.one(path, [("project_id", project_id)], Commitment, commitment_type=kind)

    def cost_codes(self, project_id: str) -> AsyncIterator[Page[CostCode]]:
        """Cost codes of a project."""
        query = [("project_id", project_id)]
        return self._calls.pages("/rest/v1.0/cost_codes", query, reader(CostCode), RECORDS_PER_PAGE)

    # Requisitions

    def requisitions(
        self,
        project_id: str,
        *,
        updated_between: tuple[datetime, datetime] | None = None,
        ids: Sequence[str] | None = None,
        view: RequisitionView = RequisitionView.EXTENDED,
        per_page: int = REQUISITIONS_PER_PAGE,
    ) -> AsyncIterator[Page[Requisition]]:
        """Requisitions of one project in every status: Procore has no list for the whole company.

        `updated_between` includes both ends and is widened to whole seconds. An empty `ids` is refused with
        ValueError: without the filter Procore would return everything.
        """
        query = [("project_id", project_id)]
        if updated_between is not None:
            query.append(("filters[updated_at]", _range(*updated_between)))
        if ids is not None:
            query.extend(_id_filter(ids))
        query.append(("view", view.value))
        return self._calls.pages(_REQUISITIONS, query, read_requisition, per_page)

    def requisition_texts(self, project_id: str, ids: Sequence[str]) -> AsyncIterator[Page[RequisitionText]]:
        """These requisitions with their items, as texts: to be compared before any is read. ValueError without ids."""
        query = [("project_id", project_id), *_id_filter(ids), ("view", RequisitionView.EXTENDED.value)]
        return self._calls.pages(_REQUISITIONS, query, text_of, REQUISITIONS_PER_PAGE)

    async def requisition(self, project_id: str, requisition_id: str) -> Requisition | Unreadable:
        """One requisition with its items, or its text and why it cannot be read."""
        answer = await self._calls.get(
            f"{_REQUISITIONS}/{_segment(requisition_id)}",
            [("project_id", project_id), ("view", RequisitionView.EXTENDED.value)],
        )
        requisition = record_of(Requisition, parsed(answer), answer.text, raw=answer.text)
        if requisition.id != requisition_id:
            raise unreadable_answer(answer, "the answer is not the requisition asked for")
        return requisition

    async def change_histories(self, project_id: str, requisition_id: str) -> tuple[ChangeHistory, ...]:
        """Every recorded change of a requisition, in the order received.

        One unreadable row makes the whole history ProcoreUnreadable: it could be the approval looked for.
        """
        path = f"/rest/v1.0/requisitions/{_segment(requisition_id)}/change_histories"
        rows: list[ChangeHistory] = []
        async for page in self._calls.pages(
            path, [("project_id", project_id)], reader(ChangeHistory), RECORDS_PER_PAGE
        ):
            for row in page.unreadable:
                raise ProcoreUnreadable(row.reason, call=f"GET {path}", request_id=page.request_id)
            rows.extend(page.records)
        return tuple(rows)

    async def download_attachment(self, url: str, *, max_bytes: int) -> DownloadedFile:
        """The file behind an attachment's address, at most `max_bytes` long; the token goes to Procore
        only.
        """
        token = await self._token_source.token()
        try:
            return await self._download(url, token, max_bytes)
        except ProcoreUnauthorized:
            await self._token_source.rejected(token)
            fresh = await self._token_source.token()
            if fresh == token:
                raise
            return await self._download(url, fresh, max_bytes)

    async def _download(self, url: str, token: str, max_bytes: int) -> DownloadedFile:
        return await download(
            self._http, url, hosts=self._hosts, headers=self._calls.headers(token), max_bytes=max_bytes
        )

    # Webhooks of one project

    async def hook_resources(self, project_id: str) -> list[WebhookResource]:
        """Kinds of objects whose changes a hook of this project may tell."""
        query = [("payload_version", PAYLOAD_VERSION)]
        return await self._calls.enveloped(
            f"{self._webhooks(project_id)}/resources", query, WebhookResource, V2_PER_PAGE
        )

    async def hooks(self, project_id: str) -> list[Hook]:
        """Every hook of the project that our app may see, of whatever namespace."""
        return await self._calls.enveloped(f"{self._webhooks(project_id)}/hooks", [], Hook, V2_PER_PAGE)

    async def create_hook(self, project_id: str, *, namespace: str, destination_url: str, authorization: str) -> Hook:
        """Register an address; every event will carry `authorization` as its header. Not idempotent: list first."""
        body = {
            "payload_version": PAYLOAD_VERSION,
            "namespace": namespace,
            "destination_url": destination_url,
            "destination_headers": {"Authorization": authorization},
        }
        return await self._calls.post(f"{self._webhooks(project_id)}/hooks", body, Hook)

    async def delete_hook(self, project_id: str, hook_id: str) -> None:
        """Remove a hook with its triggers; ProcoreNotFound where it is gone already."""
        await self._calls.delete(f"{self._webhooks(project_id)}/hooks/{_segment(hook_id)}")

    async def triggers(self, project_id: str, hook_id: str) -> list[Trigger]:
        """What a hook tells."""
        path = f"{self._webhooks(project_id)}/hooks/{_segment(hook_id)}/triggers"
        return await self._calls.enveloped(path, [], Trigger, V2_PER_PAGE)

    async def create_trigger(self, project_id: str, hook_id: str, *, resource: str, event_type: str) -> Trigger:
        """Let a hook tell one kind of change; ProcoreRejected (422) where it does already."""
        path = f"{self._webhooks(project_id)}/hooks/{_segment(hook_id)}/triggers"
        return await self._calls.post(path, {"resource_name": resource, "event_type": event_type}, Trigger)

    async def discarded_deliveries(self, project_id: str, hook_id: str, since: date) -> list[Delivery]:
        """Events since that day that Procore gave up on after half a day of failures."""
        path = f"{self._webhooks(project_id)}/hooks/{_segment(hook_id)}/deliveries"
        query = [("filter[status]", "discarded"), ("filter[start]", since.isoformat())]
        return await self._calls.enveloped(path, query, Delivery, V2_PER_PAGE)

    def _webhooks(self, project_id: str) -> str:
        return f"/rest/v2.0/companies/{_segment(self._company())}/projects/{_segment(project_id)}/webhooks"

    def _company(self) -> str:
        if self._company_id is None:
            raise ValueError("this Procore call needs a client made for a company")
        return self._company_id


def _segment(provider_id: str) -> str:
    return quote(provider_id, safe="")


def _id_filter(ids: Sequence[str]) -> Query:
    filters = [("filters[id][]", one) for one in ids]
    if not filters:
        raise ValueError("a filter by no ids would return every requisition")
    return filters


def _range(start: datetime, end: datetime) -> str:
    """Procore: documentation/tutorials/filtering_on_list_actions.md: ISO 8601, three dots, both ends
    needed.
    """
    if start.tzinfo is None or end.tzinfo is None or start > end:
        raise ValueError("a time range needs aware times, the earlier one first")
    last = end.astimezone(UTC)
    if last.microsecond:
        last = last.replace(microsecond=0) + timedelta(seconds=1)
    return f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}...{last:%Y-%m-%dT%H:%M:%SZ}"
