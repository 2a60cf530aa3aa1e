"""Procore's directory is read once a day by whoever looks anyway; what it tells of a vendor is known by itself."""

from datetime import timedelta

from models.procore_vendors import contact_of, vendor_parties
from simulators.faults import FaultRule
from tests.activities.conftest import Opener
from tests.desks import Desks
from tests.small_world import small_world

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def readings(desks: Desks) -> list[int]:
    """How Procore answered each time the directory was asked for."""
    made = desks.product.procore.traffic.entries(0, 100_000)
    return [one["status"] for one in made if one["path"].endswith("/rest/v1.0/vendors")]


async def test_the_directory_follows_procore_once_a_day(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        await desks.connect()
        await desks.switch_on()
        desks.advance(HOUR)
        await desks.look()
        assert readings(desks) == [200]
        async with desks.product.session() as session:
            known = await vendor_parties(session)
        vendors = {str(key): one for key, one in desks.product.procore.records.vendors.items()}
        assert len(known) > 1 and set(known) <= set(vendors)
        vendor_id = next(iter(known))
        vendors[vendor_id]["email_address"] = "new@harbor.example"
        desks.advance(HOUR)
        await desks.look()
        assert readings(desks) == [200]
        desks.advance(DAY)
        await desks.look()
        assert readings(desks) == [200, 200]
        async with desks.product.session() as session:
            assert (await contact_of(session, vendor_id)).email == "new@harbor.example"


async def test_a_directory_that_is_not_for_the_service_account_holds_up_nothing(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        await desks.connect()
        await desks.switch_on()
        desks.product.procore.plan.add(FaultRule(effect="status", status=403, method="GET", path=r"/vendors$"))
        desks.advance(HOUR)
        await desks.post_everything()
        assert readings(desks)[0] == 403
        assert set((await desks.states()).values()) == {"posted"}
