"""A vendor merged away in QuickBooks is flagged, never guessed; matched to the one that is left, it goes on."""

import pytest

from accounting.blockers import BlockerReason
from contracts.connection import ConnectionRef
from models.mapping_subjects import free_for
from models.mappings import MappingKey, MappingTarget, save_mapping
from models.tables import MappingAuthor, MappingKind
from simulators.quickbooks_online.people import Action, act
from tests.activities.conftest import Opener
from tests.desks import as_activity
from tests.small_world import small_world


@pytest.mark.parametrize("lists_are_read_again", [False, True])
async def test_a_vendor_that_was_merged_away_is_flagged_and_matched_anew(
    open_world: Opener, lists_are_read_again: bool
) -> None:
    async with open_world(small_world(1)) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        batch_id = await desks.prepared()
        (attempt,) = await desks.attempts()
        realm = desks.expected["realm_id"]
        books = desks.product.quickbooks.companies[realm]
        winner = next(one["Id"] for one in books.entities["Vendor"].values() if one["Id"] != attempt.lookup_vendor_id)
        act(books, Action(action="merge_vendors", realm=realm, id=attempt.lookup_vendor_id, other_id=winner))
        outcome = await desks.send(batch_id)
        assert (outcome.posted, outcome.rejected) == (0, 1)
        assert list((await desks.holds()).values()) == [[BlockerReason.VENDOR_INACTIVE]]
        if lists_are_read_again:
            # What a fresh reading of the lists mends is tried again; a mapping to nothing is not mended by it.
            ref = ConnectionRef(company_id=desks.company_id, connection_id=connection.id)
            await as_activity(desks.connections.read_books, ref)
            await desks.post_everything()
            assert list((await desks.holds()).values()) == [[BlockerReason.VENDOR_INACTIVE]]
        (row,) = (await desks.invoices()).values()
        key = MappingKey(MappingKind.VENDOR, row.vendor_id)
        async with desks.product.session() as session:
            await save_mapping(
                session, connection.id, key, row.vendor_name, MappingTarget("Vendor", winner),
                author=MappingAuthor.PERSON, author_id=desks.product.admin_id,
            )  # fmt: skip
            assert await free_for(session, connection.id, key) == [row.id]
        await desks.post_everything()
        (bill,) = desks.product.bills(realm)
        assert bill["VendorRef"]["value"] == winner
