"""Every table, so that one import registers the whole schema."""

from accounting.connection_states import AttemptOutcome, ConnectionState
from accounting.plan import PlanVerdict
from accounting.procore_access import ProcoreAccess
from models.tables.bill import DecisionKind, InvoiceDecision, RetainageOpening
from models.tables.company import AppUser, Company, CompanySettings, Document, Membership, UserCredential
from models.tables.connection import (
    AttemptPurpose,
    Connection,
    ConnectionAttempt,
    ConnectionSettings,
    Credential,
    ProjectRoute,
    ProjectSettings,
    ProviderPace,
    QuickBooksKind,
    TokenLease,
    TokenRevocation,
    WebConnectorLogin,
)
from models.tables.invoice import InvoiceBlocker, InvoiceLineRow, InvoiceRow
from models.tables.mapping import Mapping, MappingAuthor, MappingKind, ReferenceEntry
from models.tables.mirroring import (
    Mirroring,
    MirroringGap,
    MirroringInterval,
    MirroringPlan,
    MirroringPlanEntry,
    PlanState,
)
from models.tables.posting import (
    AttemptState,
    BillLink,
    LinkOrigin,
    PostingAttempt,
    PostingBatch,
    PostingOperation,
    QuickBooksTransaction,
)
from models.tables.procore import (
    ProcoreAllowance,
    ProcoreCommitment,
    ProcoreProject,
    ProcorePush,
    ProcoreRequisition,
    ProcoreVendorRow,
    RequisitionVerdict,
)
from models.tables.record import ActorKind, AuditLog, EventLog, InboxSource, WebhookInbox
from models.tables.webhooks import HookState, ProcoreAuthorisation, ProcoreHook

__all__ = [
    "ActorKind",
    "AppUser",
    "AttemptOutcome",
    "AttemptPurpose",
    "AttemptState",
    "AuditLog",
    "BillLink",
    "Company",
    "CompanySettings",
    "Connection",
    "ConnectionAttempt",
    "ConnectionSettings",
    "ConnectionState",
    "Credential",
    "DecisionKind",
    "Document",
    "EventLog",
    "HookState",
    "InboxSource",
    "InvoiceBlocker",
    "InvoiceDecision",
    "InvoiceLineRow",
    "InvoiceRow",
    "LinkOrigin",
    "Mapping",
    "MappingAuthor",
    "MappingKind",
    "Membership",
    "Mirroring",
    "MirroringGap",
    "MirroringInterval",
    "MirroringPlan",
    "MirroringPlanEntry",
    "PlanState",
    "PlanVerdict",
    "PostingAttempt",
    "PostingBatch",
    "PostingOperation",
    "ProcoreAccess",
    "ProcoreAllowance",
    "ProcoreAuthorisation",
    "ProcoreCommitment",
    "ProcoreHook",
    "ProcoreProject",
    "ProcorePush",
    "ProcoreRequisition",
    "ProcoreVendorRow",
    "ProjectRoute",
    "ProjectSettings",
    "ProviderPace",
    "QuickBooksKind",
    "QuickBooksTransaction",
    "ReferenceEntry",
    "RequisitionVerdict",
    "RetainageOpening",
    "TokenLease",
    "TokenRevocation",
    "UserCredential",
    "WebConnectorLogin",
    "WebhookInbox",
]
