"""Where the activities get what they depend on."""

from collections.abc import Callable
from typing import Any

from activities.alert_sending import AlertDesk
from activities.connection import ConnectionDesk, Housekeeping
from activities.hooks import HookDesk
from activities.mirroring import MirroringDesk
from activities.outside import Outside
from activities.paperwork import PaperworkDesk
from activities.payments import PaymentDesk
from activities.prepare import Drafter
from activities.reconciling import Reconciling


def activities(outside: Outside, draft: Drafter | None = None) -> list[Callable[..., Any]]:
    """Every activity, ready to register. ``draft`` replaces the accounting rule, for tests of failure."""
    mirroring = MirroringDesk(outside, draft) if draft else MirroringDesk(outside)
    connection, housekeeping, hooks = ConnectionDesk(outside), Housekeeping(outside), HookDesk(outside)
    alerts = AlertDesk(outside)
    reconciling = Reconciling(outside)
    payments = PaymentDesk(outside)
    return [
        mirroring.watch_company,
        mirroring.make_plan,
        mirroring.prepare_batch,
        mirroring.post_batch,
        mirroring.send_batch,
        connection.exchange_code,
        connection.establish_connection,
        connection.establish_desktop_connection,
        connection.fail_attempt,
        connection.revoke_attempt_tokens,
        connection.connection_status,
        connection.read_books,
        connection.guard_connection,
        connection.disconnect,
        connection.revoke_tokens,
        housekeeping.restart_missing,
        hooks.keep_procore_hooks,
        hooks.remove_procore_hooks,
        PaperworkDesk(outside).do_paperwork,
        alerts.send_alerts,
        reconciling.begin_reconciliation,
        reconciling.refresh_linked_bills,
        reconciling.compare_linked_bills,
        reconciling.close_reconciliation,
        reconciling.fail_reconciliation,
        payments.pull_payments,
        payments.follow_payments,
    ]
