"""Why an invoice is held: one closed vocabulary, each reason with its sentence, its owner and its button."""

from dataclasses import dataclass
from enum import StrEnum


class Owner(StrEnum):
    """Who can clear a reason."""

    ADMIN = "company admin"
    ACCOUNTANT = "accountant"
    NOBODY = "clears by itself"
    INBUILD = "inBuild support"


class BlockerReason(StrEnum):
    OWN_SERVICE_ACCOUNT = "own_service_account"
    APPROVAL_DATE_UNKNOWN = "approval_date_unknown"
    REAPPROVED_CHANGED = "reapproved_changed"
    VENDOR_UNMAPPED = "vendor_unmapped"
    VENDOR_INACTIVE = "vendor_inactive"
    PROJECT_UNMAPPED = "project_unmapped"
    PROJECT_UNROUTED = "project_unrouted"
    COST_CODE_MISSING = "cost_code_missing"
    COST_CODE_UNMAPPED = "cost_code_unmapped"
    MAPPING_REFUSED = "mapping_refused"
    AP_ACCOUNT_MISSING = "ap_account_missing"
    RETAINAGE_ACCOUNT_MISSING = "retainage_account_missing"
    RETAINAGE_OPENING_BALANCE = "retainage_opening_balance"
    REJECTED_LINE = "rejected_line"
    FRACTION_OF_CENT = "fraction_of_cent"
    AMOUNTS_DISAGREE = "amounts_disagree"
    SMALL_DIFFERENCE = "small_difference"
    TAX = "tax"
    CURRENCY = "currency"
    NEGATIVE_TOTAL = "negative_total"
    LIKELY_DUPLICATE = "likely_duplicate"
    POSTED_ELSEWHERE = "posted_elsewhere"
    LIEN_WAIVER = "lien_waiver"
    REVIEW = "review"
    PERIOD_CLOSED = "period_closed"
    LOCK_DATE = "lock_date"
    PROJECT_NOT_VISIBLE = "project_not_visible"
    UNREADABLE = "unreadable"
    REFUSED_BY_QUICKBOOKS = "refused_by_quickbooks"
    OUR_BUG = "our_bug"
    NO_QUICKBOOKS = "no_quickbooks"
    CONNECTION_EXPIRED = "connection_expired"
    DESKTOP_SILENT = "desktop_silent"
    FEATURE_NOT_ENABLED = "feature_not_enabled"
    PAUSED = "paused"
    PROVIDER_DOWN = "provider_down"
    QUOTA = "quota"


@dataclass(frozen=True)
class Explanation:
    """The sentence a customer can act on. ``{subject}`` in it is the blocker's subject in people's words."""

    sentence: str
    owner: Owner
    button: str | None

    @property
    def clears_by_itself(self) -> bool:
        return self.owner is Owner.NOBODY


R = BlockerReason
EXPLANATIONS: dict[BlockerReason, Explanation] = {
    R.OWN_SERVICE_ACCOUNT: Explanation(
        "inBuild's own service account created this requisition in Procore, but inBuild has no record of sending it. "
        "Check that it is not also an upload, then decide.",
        Owner.ACCOUNTANT,
        "Decide",
    ),
    R.APPROVAL_DATE_UNKNOWN: Explanation(
        "Approval date unknown: Procore does not show on which day this requisition was first approved, so it cannot "
        "be held against the start date. Import it or leave it out.",
        Owner.ADMIN,
        "Decide",
    ),
    R.REAPPROVED_CHANGED: Explanation(
        "First approved before the start date and approved again since: the amounts are, or may be, other ones. "
        "Check what is already in QuickBooks.",
        Owner.ACCOUNTANT,
        "Decide",
    ),
    R.VENDOR_UNMAPPED: Explanation(
        "Vendor {subject} is not matched to a QuickBooks vendor. Match it, or create it in QuickBooks.",
        Owner.ACCOUNTANT,
        "Match vendor",
    ),
    R.VENDOR_INACTIVE: Explanation(
        "The QuickBooks vendor of {subject} is inactive. Make it active again or match another one.",
        Owner.ACCOUNTANT,
        "Match vendor",
    ),
    R.PROJECT_UNMAPPED: Explanation(
        "Project {subject} is not matched to a QuickBooks customer or project. Match it.",
        Owner.ACCOUNTANT,
        "Match project",
    ),
    R.PROJECT_UNROUTED: Explanation(
        "Project {subject} has no set of books yet. Choose Posts here or Not in these books.",
        Owner.ADMIN,
        "Choose books",
    ),
    R.COST_CODE_MISSING: Explanation(
        "Line {subject} carries money but no cost code. Add the cost code in Procore.",
        Owner.ACCOUNTANT,
        "Open in Procore",
    ),
    R.COST_CODE_UNMAPPED: Explanation(
        "Budget code {subject} is not mapped and no default account is set. Map it.",
        Owner.ACCOUNTANT,
        "Map budget code",
    ),
    R.MAPPING_REFUSED: Explanation(
        "QuickBooks would not take the mapping of {subject} Choose another one.",
        Owner.ACCOUNTANT,
        "Fix mapping",
    ),
    R.AP_ACCOUNT_MISSING: Explanation(
        "These books have no accounts payable account, or several and none is chosen. Choose one in the connection's "
        "settings.",
        Owner.ADMIN,
        "Open settings",
    ),
    R.RETAINAGE_ACCOUNT_MISSING: Explanation(
        "This invoice withholds or releases retainage and no Retainage payable account is set. Choose one in the "
        "connection's settings.",
        Owner.ADMIN,
        "Open settings",
    ),
    R.RETAINAGE_OPENING_BALANCE: Explanation(
        "More retainage is released than is booked in QuickBooks for commitment {subject}. Post the excess to cost, or "
        "confirm the opening balance.",
        Owner.ACCOUNTANT,
        "Confirm opening balance",
    ),
    R.REJECTED_LINE: Explanation(
        "Line {subject} is marked rejected in Procore but carries money. Correct the line in Procore.",
        Owner.ACCOUNTANT,
        "Open in Procore",
    ),
    R.FRACTION_OF_CENT: Explanation(
        "{subject} has a fraction of a cent, which no bill can hold. Correct the amount in Procore.",
        Owner.ACCOUNTANT,
        "Open in Procore",
    ),
    R.AMOUNTS_DISAGREE: Explanation(
        "The lines do not add up to the amount due: {subject}. Check the requisition in Procore.",
        Owner.ACCOUNTANT,
        "Open in Procore",
    ),
    R.SMALL_DIFFERENCE: Explanation(
        "The lines and the amount due differ by a few cents: {subject}. Correct it in Procore, or put the difference "
        "on the retainage line.",
        Owner.ACCOUNTANT,
        "Put difference on retainage line",
    ),
    R.TAX: Explanation(
        "The tax does not fit the amounts: {subject}. Correct the invoice in Procore.",
        Owner.ACCOUNTANT,
        "Open in Procore",
    ),
    R.CURRENCY: Explanation(
        "The invoice is in {subject}, the books are in another currency. It cannot be posted as it is.",
        Owner.ACCOUNTANT,
        "Open in Procore",
    ),
    R.NEGATIVE_TOTAL: Explanation(
        "The amount due is negative ({subject}), which no bill can be. Choose Post as vendor credit on the invoice's "
        "page: every line then changes sign. Or have it corrected in Procore.",
        Owner.ACCOUNTANT,
        "Post as vendor credit",
    ),
    R.LIKELY_DUPLICATE: Explanation(
        "QuickBooks or inBuild already holds something that looks like this invoice: {subject}. "
        "Use this bill, Post as a new bill, or Don't post this invoice.",
        Owner.ACCOUNTANT,
        "Compare",
    ),
    R.POSTED_ELSEWHERE: Explanation(
        "Posted in {subject}. Find the migrated bill in these books and use it, or don't post.",
        Owner.ACCOUNTANT,
        "Find migrated bill",
    ),
    R.LIEN_WAIVER: Explanation(
        "The lien waiver of {subject} is missing, and this connection waits for it.",
        Owner.ACCOUNTANT,
        "Lien waiver received",
    ),
    R.REVIEW: Explanation(
        "The bill waits for an accountant's approval: {subject}. Look at it and approve it.",
        Owner.ACCOUNTANT,
        "Review bill",
    ),
    R.PERIOD_CLOSED: Explanation(
        "The books are closed through {subject}. Open the period in QuickBooks or choose another bill date.",
        Owner.ACCOUNTANT,
        "Choose date",
    ),
    R.LOCK_DATE: Explanation(
        "The bill date is on or before inBuild's lock date {subject}. Move the lock date or choose another bill date.",
        Owner.ADMIN,
        "Open settings",
    ),
    R.PROJECT_NOT_VISIBLE: Explanation(
        "Procore no longer shows this requisition or its project to inBuild: {subject}. "
        "Check the app's permitted projects in Procore.",
        Owner.ADMIN,
        "Check permissions",
    ),
    R.UNREADABLE: Explanation(
        "Procore's answer for this requisition could not be read: {subject}. inBuild support has been told.",
        Owner.INBUILD,
        None,
    ),
    R.REFUSED_BY_QUICKBOOKS: Explanation("QuickBooks refused the bill: {subject}", Owner.ACCOUNTANT, "Try again"),
    R.OUR_BUG: Explanation(
        "Something went wrong on inBuild's side ({subject}). Support has been told; nothing was posted.",
        Owner.INBUILD,
        None,
    ),
    R.NO_QUICKBOOKS: Explanation("No QuickBooks connected. Connect it again to go on.", Owner.ADMIN, "Connect"),
    R.CONNECTION_EXPIRED: Explanation(
        "The connection to {subject} has expired. Reconnect; the invoice then goes on by itself.",
        Owner.ADMIN,
        "Reconnect",
    ),
    # The subject is the whole sentence (accounting/company_file.py): the PC is off, a dialog is open, quiet hours.
    R.DESKTOP_SILENT: Explanation("{subject}", Owner.NOBODY, None),
    R.FEATURE_NOT_ENABLED: Explanation(
        "Feature not enabled: inBuild has switched the feature off for this company.", Owner.INBUILD, None
    ),
    R.PAUSED: Explanation("Posting is paused for this connection. Resume it to go on.", Owner.ADMIN, "Resume posting"),
    R.PROVIDER_DOWN: Explanation("{subject} does not answer at the moment; inBuild keeps trying.", Owner.NOBODY, None),
    R.QUOTA: Explanation(
        "{subject} limits how often it may be asked; inBuild goes on when the limit resets.",
        Owner.NOBODY,
        None,
    ),
}

# Shown as *Waiting* although a person may speed them up: nothing about the invoice itself has to be decided.
WAITS = frozenset(
    {
        R.NO_QUICKBOOKS,
        R.CONNECTION_EXPIRED,
        R.DESKTOP_SILENT,
        R.FEATURE_NOT_ENABLED,
        R.PAUSED,
        R.PROVIDER_DOWN,
        R.QUOTA,
    }
)


@dataclass(frozen=True)
class Hold:
    """A reason to hold one invoice. ``subject`` is what people read, ``subject_key`` what clears many at once."""

    reason: BlockerReason
    subject: str = ""
    subject_key: str = ""

    @property
    def sentence(self) -> str:
        return EXPLANATIONS[self.reason].sentence.replace("{subject}", self.subject)

    @property
    def owner(self) -> Owner:
        return EXPLANATIONS[self.reason].owner

    @property
    def button(self) -> str | None:
        return EXPLANATIONS[self.reason].button

    @property
    def shows_as_waiting(self) -> bool:
        return self.reason in WAITS
