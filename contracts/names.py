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

# What QuickBooks Online takes in one request (its limits page: 30).
REQUEST_SIZE = 30
# Batches are formed per project. Two requests share one fresh look and one drafting, whose cost is the batch's.
BATCH_SIZE = 2 * REQUEST_SIZE
# One lane per QuickBooks company: enough to hide the provider's latency, few enough for its 10 requests a second.
BATCHES_IN_FLIGHT = 4
# Five full batches: a look costs as much as a batch does, so a backlog wants few of them.
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
