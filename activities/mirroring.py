"""The activities of the mirroring workflow; each hands over to the module that tells its story."""

from temporalio import activity

from accounting.bill import draft_bill
from activities.outside import Outside
from activities.plan import PlanMaking
from activities.prepare import BatchPreparing, Drafter
from activities.send import BatchSending
from activities.updating import UpdatePreparing
from activities.watch import CompanyWatch
from contracts.mirroring import (
    BatchOutcome,
    MirroringActivities,
    PlanMade,
    PlanRequest,
    PreparedBatch,
    PrepareRequest,
    SendRequest,
    WatchRequest,
    WatchResult,
)


class MirroringDesk(MirroringActivities):
    """Implements what ``contracts/mirroring.py`` declares."""

    def __init__(self, outside: Outside, draft: Drafter = draft_bill) -> None:
        self._outside = outside
        self._draft = draft

    @activity.defn(name="watch_company")
    async def watch_company(self, request: WatchRequest) -> WatchResult:
        return await CompanyWatch(self._outside, request).look()

    @activity.defn(name="make_plan")
    async def make_plan(self, request: PlanRequest) -> PlanMade:
        return await PlanMaking(self._outside, request).make()

    @activity.defn(name="prepare_batch")
    async def prepare_batch(self, request: PrepareRequest) -> PreparedBatch:
        if request.batch.updates:
            return await UpdatePreparing(self._outside, request).prepare()
        return (await BatchPreparing(self._outside, request, self._draft).prepare(in_hand=False)).told

    @activity.defn(name="post_batch")
    async def post_batch(self, request: PrepareRequest) -> BatchOutcome:
        # Whatever attempt this is: preparing finds the batch that an earlier one wrote, sending how far it got.
        sending = BatchSending(self._outside, request.company_id)
        if request.batch.updates:
            prepared = await UpdatePreparing(self._outside, request).prepare()
        else:
            written = await BatchPreparing(self._outside, request, self._draft).prepare(in_hand=True)
            if written.opened is not None:
                return await sending.send_opened(written.opened)
            prepared = written.told
        if prepared.batch_id is None:
            return BatchOutcome(posted=0, rejected=0, next=prepared.next)
        return await sending.send([prepared.batch_id, *prepared.more])

    @activity.defn(name="send_batch")
    async def send_batch(self, request: SendRequest) -> BatchOutcome:
        return await BatchSending(self._outside, request.company_id).send([request.batch_id])
