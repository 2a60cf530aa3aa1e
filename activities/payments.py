"""The activities of payments; each hands over to the module that tells its story."""

from temporalio import activity

from activities.contract_payments import PaymentFollowing
from activities.outside import Outside
from activities.payment_pull import pull_payments
from contracts.payments import Followed, FollowRequest, PaymentActivities, Pulled, PullRequest


class PaymentDesk(PaymentActivities):
    """Implements what ``contracts/payments.py`` declares."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    @activity.defn(name="pull_payments")
    async def pull_payments(self, request: PullRequest) -> Pulled:
        return await pull_payments(self._outside, request)

    @activity.defn(name="follow_payments")
    async def follow_payments(self, request: FollowRequest) -> Followed:
        return await PaymentFollowing(self._outside, request).follow()
