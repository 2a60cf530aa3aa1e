"""What the life scenarios take for granted about the product's settings and the seed."""

from demo.check.life import ENVIRONMENT
from demo.check.newcomer import CONSENT_SECONDS, FIVE_YEARS
from foundation.settings import Settings
from simulators.quickbooks_online.switches import Switches
from simulators.world.documents import Documents


def test_only_the_deadline_differs_from_the_product() -> None:
    assert {name.lower() for name in ENVIRONMENT} == {"connecting_seconds"} <= Settings.model_fields.keys()
    assert Settings.model_fields["connecting_seconds"].default == 15 * 60


def test_a_consent_lasts_five_years_unless_told_otherwise() -> None:
    # The guardian looks after a minute at the earliest.
    assert CONSENT_SECONDS < 60
    assert Switches().consent_seconds == FIVE_YEARS


def test_each_act_has_an_invoice_of_its_own(documents: Documents) -> None:
    script = documents.expected["script"]
    acts = [act["requisition_id"] for act in script["during_life"]]
    others = [act["requisition_id"] for name in ("approve", "spare_under_review") for act in script[name]]
    assert len(acts) == len(set(acts) - set(others)) == 10
