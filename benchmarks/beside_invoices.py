"""What stands beside the invoices of a company with two years behind it: mappings, decisions, payments, past nights.

Most of it follows from rows that are there already, so PostgreSQL makes it out of them.
"""

from collections.abc import Iterator
from datetime import UTC
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from accounting.alerts import reconcile
from benchmarks.cost_codes import CODES, budget_code, cost_code_id, description
from models.alert_causes import causes_now
from models.alerts import keep_step, open_alerts
from models.database import CompanySession
from models.rows import insert_rows
from models.tables import Mapping, MappingAuthor, MappingKind

Row = dict[str, Any]
# Of ten vendors and projects nine are mapped, of the codes all but these few.
UNMAPPED_EVERY = 10
CODES_UNMAPPED = 5
# Projects that code a cost code differently, and commitments that do.
PROJECTS_CODED_APART = 60
COMMITMENTS_CODED_APART = 200
NIGHTS = 30

PAYMENTS = """
    INSERT INTO bill_payment (
        company_id, id, connection_id, kind, quickbooks_id, vendor_id, total, paid_on, number, is_card,
        is_to_be_printed, currency, lines, bill_ids, is_gone, read_at
    )
    SELECT company_id, gen_random_uuid(), connection_id, 'BillPayment', 'P' || source_id::int / 7, '1', sum(due),
        max(billing_date) + 20, source_id::int / 7, false, false, 'USD',
        jsonb_agg(jsonb_build_object('kind', 'Bill', 'id', source_id, 'amount', due::text, 'discount', '0')),
        jsonb_agg(source_id), false, :now
    FROM invoice WHERE company_id = :company_id AND settled = 'paid'
    GROUP BY company_id, connection_id, source_id::int / 7
"""
SHARES = """
    INSERT INTO payment_share (
        company_id, id, connection_id, payment_id, invoice_id, bill_id, cash, credit, discount, other, is_unclear,
        is_due, procore_payment_id, procore_amount, procore_paid_on, procore_is_ours, changed_at
    )
    SELECT invoice.company_id, gen_random_uuid(), invoice.connection_id, payment.id, invoice.id, invoice.source_id,
        invoice.due, 0, 0, 0, false, false, 'C' || invoice.source_id, invoice.due, payment.paid_on, true, :now
    FROM invoice
    JOIN bill_payment AS payment
        ON payment.company_id = invoice.company_id AND payment.connection_id = invoice.connection_id
        AND payment.quickbooks_id = 'P' || invoice.source_id::int / 7
    WHERE invoice.company_id = :company_id AND invoice.settled = 'paid'
"""
# Every fifth bill waited for its vendor once.
CLEARED_BLOCKERS = """
    INSERT INTO invoice_blocker (company_id, id, invoice_id, reason, subject, subject_key, since, cleared_at)
    SELECT company_id, gen_random_uuid(), id, 'vendor_unmapped', vendor_name, vendor_id, imported_at,
        imported_at + interval '1 hour'
    FROM invoice WHERE company_id = :company_id AND state = 'posted' AND source_id::int % 5 = 0
"""
FILES = """
    INSERT INTO bill_file (
        company_id, id, link_id, position, origin, origin_id, file_name, state, size, note, failure_count, created_at
    )
    SELECT company_id, gen_random_uuid(), id, 1, 'procore', 'F' || quickbooks_id, number || '.pdf', 'attached', 88000,
        '', 0, linked_at
    FROM bill_link WHERE company_id = :company_id
"""
# Every third invoice that needs somebody had a twin ruled out, and some have a line coded apart.
NOT_DUPLICATES = """
    INSERT INTO invoice_decision (company_id, id, invoice_id, kind, subject_key, value, decided_by, decided_at)
    SELECT company_id, gen_random_uuid(), id, 'not_duplicate', 'Bill:' || source_id, 'yes', CAST(:user_id AS uuid), :now
    FROM invoice WHERE company_id = :company_id AND state = 'needs_you' AND source_id::int % 3 = 0
"""
COMPARISONS = """
    INSERT INTO bill_comparison (
        company_id, id, invoice_id, connection_id, compared_at, sync_token, step, because, fingerprint, differences
    )
    SELECT company_id, gen_random_uuid(), id, connection_id, :now, '0', 'flag', '', 'f', '[]'
    FROM invoice WHERE company_id = :company_id AND changed
"""
OPENINGS = """
    INSERT INTO retainage_opening (
        company_id, id, connection_id, commitment_id, amount, confirmed_by, confirmed_at
    )
    SELECT company_id, gen_random_uuid(), CAST(:connection_id AS uuid), commitment_id, 1000, CAST(:user_id AS uuid),
        :now
    FROM procore_commitment WHERE company_id = :company_id AND commitment_id::int % 4 = 0
"""
VENDORS = """
    INSERT INTO procore_vendor (company_id, id, vendor_id, name, legal_name, number, email, phone, address, is_active,
        read_at)
    SELECT DISTINCT ON (vendor_id) company_id, gen_random_uuid(), vendor_id, vendor_name, '', vendor_id,
        'office@' || vendor_id || '.example', '555-01' || vendor_id, vendor_id || ' Main Street', true, :now
    FROM invoice WHERE company_id = :company_id
    ORDER BY vendor_id
"""
AMOUNTS = """
    INSERT INTO requisition_amount (company_id, id, requisition_id, raw_sha256, billing_date, retainage, net)
    SELECT company_id, gen_random_uuid(), requisition_id, raw_sha256, first_seen_at::date, 100, due
    FROM procore_requisition WHERE company_id = :company_id
"""
AUDITS = """
    INSERT INTO audit_log (company_id, id, at, actor_kind, actor_id, action, data)
    SELECT :company_id, gen_random_uuid(), :now, 'user', CAST(:user_id AS text), 'settings_changed',
        jsonb_build_object('number', place)
    FROM generate_series(1, 2000) AS place
"""
ENDPOINTS = """
    INSERT INTO webhook_endpoint (company_id, id, url, secret, state, created_at, created_by)
    SELECT :company_id, gen_random_uuid(), 'https://hooks.example/' || place, '\\x00', 'active', :now,
        CAST(:user_id AS uuid)
    FROM generate_series(1, 3) AS place
"""
# What was raised and settled in two years: five a day.
PAST_ALERTS = """
    INSERT INTO alert (
        company_id, id, cause_key, kind, audience, title, sentence, path, count, amount, raised_at, changed_at,
        closed_at, told_count, occasion
    )
    SELECT :company_id, gen_random_uuid(), 'held:past:' || place, 'invoice_held', 'accountants',
        'Vendor ' || place || ' is not matched', 'Match it, or create it in QuickBooks.', '/invoices', 3, 4200,
        CAST(:now AS timestamptz) - place * interval '5 hours', CAST(:now AS timestamptz) - place * interval '5 hours',
        CAST(:now AS timestamptz) - place * interval '4 hours', 3, 1
    FROM generate_series(1, 3500) AS place
"""
# Earlier nights told the same as the newest.
PAST_NIGHTS = (
    """
    INSERT INTO reconciliation_run (
        company_id, id, is_nightly, reread, asked_at, state, ended_at, approved_count, approved_net
    )
    SELECT run.company_id, gen_random_uuid(), true, false, run.asked_at - night * interval '1 day', 'done',
        run.ended_at - night * interval '1 day', run.approved_count, run.approved_net
    FROM reconciliation_run AS run, generate_series(1, :nights) AS night
    WHERE run.company_id = :company_id
    """,
    """
    INSERT INTO reconciled_books (
        company_id, id, run_id, connection_id, compared, open_differences, explained_differences
    )
    SELECT company_id, gen_random_uuid(), id, CAST(:connection_id AS uuid), 1000, 10, 5 FROM reconciliation_run AS run
    WHERE company_id = :company_id
        AND NOT EXISTS (SELECT FROM reconciled_books WHERE company_id = :company_id AND run_id = run.id)
    """,
    """
    INSERT INTO reconciliation_total (
        company_id, id, run_id, project_id, connection_id, month, part, name, reason, invoices, retainage, net
    )
    SELECT total.company_id, gen_random_uuid(), run.id, total.project_id, total.connection_id, total.month, total.part,
        total.name, total.reason, total.invoices, total.retainage, total.net
    FROM reconciliation_total AS total
    JOIN reconciliation_run AS run ON run.company_id = total.company_id AND run.id <> total.run_id
    WHERE total.company_id = :company_id
    """,
)
OF_INVOICES = (
    PAYMENTS,
    SHARES,
    CLEARED_BLOCKERS,
    FILES,
    NOT_DUPLICATES,
    COMPARISONS,
    OPENINGS,
    VENDORS,
    AMOUNTS,
    AUDITS,
    ENDPOINTS,
    PAST_ALERTS,
)


class BesideInvoices:
    """Writes what stands beside the invoices of a company that has them, for one connection of it."""

    def __init__(self, session: CompanySession, connection_id: UUID, user_id: UUID) -> None:
        self._session = session
        self._connection_id = connection_id
        self._user_id = user_id

    async def write(self, projects: range, vendors: range) -> None:
        """``projects`` and ``vendors`` are Procore's ids; commitments are numbered like vendors, from 0 on."""
        mappings = [*self._names(MappingKind.PROJECT, "Customer", projects), *self._codes(projects, len(vendors))]
        await insert_rows(self._session, Mapping, [*self._names(MappingKind.VENDOR, "Vendor", vendors), *mappings])
        await self._do(*OF_INVOICES)

    async def write_alerts(self) -> None:
        """What the alerting would have raised for the company as it stands."""
        causes = await causes_now(self._session, ZoneInfo("UTC"))
        await keep_step(self._session, reconcile(await open_alerts(self._session), causes))

    async def write_past_nights(self) -> None:
        """The nights before the one run there is."""
        await self._do(*PAST_NIGHTS)

    async def _do(self, *statements: str) -> None:
        values = {
            "company_id": self._session.company_id,
            "connection_id": self._connection_id,
            "user_id": self._user_id,
            "now": self._session.now,
            "nights": NIGHTS,
        }
        for statement in map(sa.text, statements):
            await self._session.execute(statement, {name: values[name] for name in statement._bindparams})

    def _names(self, kind: MappingKind, entity: str, ids: range) -> Iterator[Row]:
        for place, procore_id in enumerate(ids):
            if place % UNMAPPED_EVERY:
                yield self._mapping(kind, "", str(procore_id), f"{entity} {place:03}", entity, place)

    def _codes(self, projects: range, commitments: int) -> Iterator[Row]:
        scopes = [
            "",
            *(f"project:{one}" for one in projects[:PROJECTS_CODED_APART]),
            *(f"commitment:{one}" for one in range(min(commitments, COMMITMENTS_CODED_APART))),
        ]
        for place, scope in enumerate(scopes):
            for code in range(CODES - CODES_UNMAPPED) if not scope else (place % CODES,):
                yield self._mapping(
                    MappingKind.COST_CODE,
                    scope,
                    cost_code_id(code),
                    f"{budget_code(code)} {description(code)}",
                    "Account",
                    (code + place) % (CODES * 2),
                )

    def _mapping(self, kind: MappingKind, scope: str, procore_id: str, name: str, entity: str, target: int) -> Row:
        return {
            "company_id": self._session.company_id,
            "id": self._session.new_id(),
            "connection_id": self._connection_id,
            "kind": kind.value,
            "scope": scope,
            "procore_id": procore_id,
            "procore_name": name,
            "target_entity": entity,
            "target_id": str(target),
            "version": 1,
            "author_kind": MappingAuthor.PERSON.value,
            "author_id": self._user_id,
            "created_at": self._session.now.astimezone(UTC),
        }
