"""A customer as the database has it: one connection in good standing, with what an admin made. Tests break it."""

from dataclasses import dataclass

import psycopg

from demo.check.ledger import plain_url

COMPANY, STRANGER = "0190c0de-0000-7000-8000-00000000000a", "0190c0de-0000-7000-8000-00000000000b"
CONNECTION = "0190c0de-0000-7000-8000-00000000000c"
ATTEMPT = "0190c0de-0000-7000-8000-00000000000d"
PROCORE_ID, REALM = 4907, "9130350000000001"
NAMES = {
    "company": COMPANY,
    "stranger": STRANGER,
    "connection": CONNECTION,
    "attempt": ATTEMPT,
    "procore_id": str(PROCORE_ID),
    "realm": REALM,
}

ROWS = """
INSERT INTO company (id, procore_environment, procore_company_id, name, feature_enabled, event_seq, created_at) VALUES
  (%(company)s, 'simulated', %(procore_id)s, 'Builders', true, 0, '2026-01-01Z'),
  (%(stranger)s, 'simulated', '1', 'Strangers', true, 0, '2026-01-01Z');
INSERT INTO mirroring (company_id, is_on, version, plan_imported, fence, wake_pending, changed_at) VALUES
  (%(company)s, true, 1, true, 0, false, '2026-01-01Z');
INSERT INTO connection (company_id, id, kind, environment, quickbooks_company_id, quickbooks_company_name, state,
  state_since, connected_by, connected_at, country, home_currency, version) VALUES
  (%(company)s, %(connection)s, 'online', 'simulated', %(realm)s, 'Builders Inc.', 'active', '2026-01-01Z',
   %(company)s, '2026-01-01Z', 'US', 'USD', 1);
INSERT INTO connection_attempt (company_id, id, kind, purpose, connection_id, state_hash, started_by, started_at,
  deadline, outcome) VALUES
  (%(company)s, %(attempt)s, 'online', 'connect', %(connection)s, 'x', %(company)s, '2026-01-01Z', '2026-01-01Z',
   'succeeded');
INSERT INTO credential (company_id, id, connection_id, access_token, refresh_token, access_expires_at,
  refresh_expires_at, generation) VALUES
  (%(company)s, %(connection)s, %(connection)s, 'a', 'r', '2026-01-01Z', '2026-01-01Z', 1);
INSERT INTO connection_settings (company_id, connection_id, default_account_id, default_terms_days, all_projects,
  posting_paused, pause_version, batches_in_flight, version, updated_at, posting_basis, line_grouping,
  bill_date_source, billable, retainage_booking, missing_lien_waiver, changed_invoice, review_before_posting,
  confirm_exact_matches, write_back, quiet_time_zone) VALUES
  (%(company)s, %(connection)s, '80', 30, true, true, 1, 4, 2, '2026-01-01Z', 'account', 'sov_line',
   'billing_date', false, 'gross', 'mark', 'ask', false, true, false, 'America/New_York');
INSERT INTO mapping (company_id, id, connection_id, kind, scope, procore_id, procore_name, target_entity, target_id,
  version, author_kind, created_at) VALUES
  (%(company)s, gen_random_uuid(), %(connection)s, 'vendor', '', '7', 'Ernie', 'Vendor', '70', 1, 'exact_name',
   '2026-01-01Z'),
  (%(company)s, gen_random_uuid(), %(connection)s, 'project', '', '8', 'Tower', 'Customer', '90', 1, 'exact_name',
   '2026-01-01Z');
INSERT INTO webhook_inbox (company_id, id, source, delivery_id, subject, project_id, received_at, handled_at) VALUES
  (%(company)s, gen_random_uuid(), 'procore', 'n1', 'x', '1', '2026-01-01Z', '2026-01-01Z'),
  (%(company)s, gen_random_uuid(), 'procore', 'n2', 'x', '1', '2026-01-01Z', NULL),
  (%(stranger)s, gen_random_uuid(), 'procore', 'n3', 'x', '1', '2026-01-01Z', NULL);
"""


@dataclass(frozen=True)
class Customer:
    """The customer's database."""

    url: str

    def run(self, statement: str) -> None:
        """Change it by plain SQL, behind everybody's back; the ids above may be named in it."""
        with psycopg.connect(plain_url(self.url)) as database:
            database.execute(statement.encode(), NAMES)


def customer_at(database_url: str) -> Customer:
    customer = Customer(database_url)
    for statement in ROWS.split(";\n")[:-1]:
        customer.run(statement)
    return customer


__all__ = ["PROCORE_ID", "REALM", "Customer", "customer_at"]
