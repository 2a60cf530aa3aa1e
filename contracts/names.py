"""Names and ids that workflows, activities and their callers share."""

from uuid import UUID

from temporalio.common import SearchAttributeKey

MIRRORING = "Mirroring"
CONNECTION = "Connection"
CONNECTION_ATTEMPT = "ConnectionAttempt"
RESTART_MISSING = "RestartMissing"
PAPERWORK = "Paperwork"
RECONCILIATION = "Reconciliation"

RESTART_MISSING_SCHEDULE = "restart-missing"
COMPANY_ATTRIBUTE = SearchAttributeKey.for_keyword("CompanyId")
CONNECTION_STATE_ATTRIBUTE = SearchAttributeKey.for_keyword("ConnectionState")
SEARCH_ATTRIBUTES = (COMPANY_ATTRIBUTE, CONNECTION_STATE_ATTRIBUTE)

# Batches are formed per project and carry at most what QuickBooks Online takes in one request (its limits page: 30).
BATCH_SIZE = 30
# Ten full batches: a look costs as much as a batch does: a backlog wants few of them.
RUNNABLE_LIMIT = 300


def mirroring_workflow_id(company_id: UUID) -> str:
    return f"mirroring/{company_id}"


def paperwork_workflow_id(company_id: UUID) -> str:
    return f"paperwork/{company_id}"


def connection_workflow_id(connection_id: UUID) -> str:
    return f"connection/{connection_id}"


def attempt_workflow_id(attempt_id: UUID) -> str:
    return f"connection-attempt/{attempt_id}"


def reconciliation_workflow_id(company_id: UUID) -> str:
    return f"reconciliation/{company_id}"
