"""What an admin has set for the bills of one connection, and whose books they are: one statement for every batch."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounting.bill_settings import BillDateSource, BillSettings, LineGrouping, MissingLienWaiver, RetainageBooking
from accounting.coding import TargetKind
from models.database import CompanySession
from models.tables import QuickBooksKind

SETTINGS_OF_BOOKS = """
    SELECT connection.kind, connection.home_currency, settings.default_account_id, settings.default_item_id,
        settings.retainage_account_id, settings.ap_account_id, settings.default_terms_days, settings.lock_date,
        settings.books_closed_through, settings.posting_basis, settings.line_grouping, settings.bill_date_source,
        settings.retainage_booking, settings.missing_lien_waiver, settings.billable, settings.review_before_posting,
        settings.confirm_exact_matches, settings.version
    FROM connection
    JOIN connection_settings AS settings
        ON settings.company_id = connection.company_id AND settings.connection_id = connection.id
    WHERE connection.company_id = %(company_id)s AND connection.id = %(connection_id)s
"""


@dataclass(frozen=True)
class SettingsOfBooks:
    """A connection's settings as its bills need them. Accounts and the item are QuickBooks ids, None where none is
    chosen; ``version`` is that of the settings.
    """

    kind: QuickBooksKind
    home_currency: str
    default_account_id: str | None
    default_item_id: str | None
    retainage_account_id: str | None
    ap_account_id: str | None
    default_terms_days: int
    lock_date: date | None
    books_closed_through: date | None
    posting_basis: TargetKind
    line_grouping: LineGrouping
    bill_date_source: BillDateSource
    retainage_booking: RetainageBooking
    missing_lien_waiver: MissingLienWaiver
    billable: bool
    review_before_posting: bool
    confirm_exact_matches: bool
    version: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", QuickBooksKind(self.kind))
        object.__setattr__(self, "posting_basis", TargetKind(self.posting_basis))
        object.__setattr__(self, "line_grouping", LineGrouping(self.line_grouping))
        object.__setattr__(self, "bill_date_source", BillDateSource(self.bill_date_source))
        object.__setattr__(self, "retainage_booking", RetainageBooking(self.retainage_booking))
        object.__setattr__(self, "missing_lien_waiver", MissingLienWaiver(self.missing_lien_waiver))

    def rules(self, *, pay_when_paid: bool) -> BillSettings:
        """The settings as the accounting rules see them; whether it pays when it is paid is a project's own."""
        return BillSettings(
            line_grouping=self.line_grouping,
            retainage_booking=self.retainage_booking,
            missing_lien_waiver=self.missing_lien_waiver,
            pay_when_paid=pay_when_paid,
            review_before_posting=self.review_before_posting,
            billable=self.billable,
        )


async def settings_of_books(session: CompanySession, connection_id: UUID) -> SettingsOfBooks:
    """Every connection has its settings."""
    (settings,) = await session.ask(SETTINGS_OF_BOOKS, SettingsOfBooks, connection_id=connection_id)
    return settings
