"""An invoice that may go, with its bill: what a posting attempt keeps of both."""

from dataclasses import dataclass

from accounting.bill import draft_hash, marker
from accounting.bill_types import BillDraft, TransactionKind
from accounting.invoice import Invoice
from accounting.retainage import retainage_booked
from accounting.retainage_accounts import withheld_in
from models.tables import InvoiceRow, PostingOperation
from models.writing_batches import NewAttempt


@dataclass(frozen=True)
class Ready:
    """One invoice that may go: its draft, the exact bytes to be sent, and the versions they were made from."""

    row: InvoiceRow
    invoice: Invoice
    draft: BillDraft
    body: bytes
    versions: str

    def attempt(self) -> NewAttempt:
        """What is written down before anything is sent."""
        is_credit = self.draft.kind is TransactionKind.VENDOR_CREDIT
        kept, let_go = retainage_booked(self.draft)
        return NewAttempt(
            invoice_id=self.row.id,
            commitment_id=self.row.commitment_id,
            operation=PostingOperation.CREATE_VENDOR_CREDIT if is_credit else PostingOperation.CREATE_BILL,
            body=self.body,
            draft_hash=draft_hash(self.draft),
            marker=marker(self.invoice.reference),
            vendor_id=self.draft.vendor_id,
            number=self.draft.number,
            total=self.draft.total,
            bill_date=self.draft.bill_date,
            withheld=kept,
            released=let_go,
            mapping_versions=self.versions,
            retainage_account_id=withheld_in(self.draft),
        )
