"""What came of a vendor that went into a company file: mapped and what waited for it freed, or a reason to read."""

from models.database import CompanySession
from models.desktop_vendors import queue_vendor, vendor_of
from models.mapping_subjects import free_for
from models.mappings import MappingKey, MappingTarget, save_mapping
from models.new_vendors import vendor_created, vendor_refused
from models.reference_lists import ListEntry, store_list
from models.tables import AttemptState, DesktopWrite, MappingAuthor, MappingKind, PostingAttempt, WriteState


async def take_in_vendor(session: CompanySession, write: DesktopWrite, attempt: PostingAttempt) -> None:
    """Take in what came of one vendor. One that QuickBooks never heard of, or put off, goes again by itself."""
    vendor = await vendor_of(session, attempt)
    attempt.ended_at = session.now
    attempt.state = AttemptState.ACCEPTED if write.state is WriteState.DONE else AttemptState.REJECTED
    attempt.quickbooks_id, attempt.adopted = write.txn_id, write.adopted
    if write.state is not WriteState.DONE:
        attempt.answer_code, attempt.answer = write.code, write.sentence
    session.add(attempt)
    await session.flush()
    if write.state is WriteState.POSTPONED:
        await queue_vendor(session, vendor)
        return
    if write.state is not WriteState.DONE or write.txn_id is None:
        await vendor_refused(session, vendor, write.sentence or "QuickBooks refused it.")
        return
    entry = ListEntry("Vendor", write.txn_id, vendor.display_name, vendor.display_name, True)
    await store_list(session, vendor.connection_id, "Vendor", [entry], session.now, whole=False)
    key = MappingKey(MappingKind.VENDOR, vendor.procore_id)
    await save_mapping(
        session,
        vendor.connection_id,
        key,
        vendor.procore_name,
        MappingTarget("Vendor", write.txn_id),
        author=MappingAuthor.PERSON,
        author_id=vendor.asked_by,
    )
    await vendor_created(session, vendor, write.txn_id)
    await free_for(session, vendor.connection_id, key)
