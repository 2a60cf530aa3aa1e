"""How many alerts wait for a person in each of their companies: a number in the frame of every page."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from accounting.alert_preferences import AlertChannel
from accounting.alerts import Audience
from models.tables import Alert, AlertPreference, AlertReading, Membership


def unread_alerts(user_id: UUID) -> sa.ScalarSelect[int]:
    """Open alerts of the membership's company that concern the person, that they want to see and have not read.

    The rule itself is ``accounting/alert_preferences.py``; a test holds this count to what the page shows.
    """
    read = (
        sa.exists()
        .where(col(AlertReading.company_id) == col(Alert.company_id), col(AlertReading.alert_id) == col(Alert.id))
        .where(col(AlertReading.user_id) == user_id)
    )
    # The topics of alerts are called as their kinds are.
    unwanted = (
        sa.exists()
        .where(col(AlertPreference.company_id) == col(Alert.company_id), col(AlertPreference.user_id) == user_id)
        .where(col(AlertPreference.channel) == AlertChannel.IN_APP, col(AlertPreference.is_on).is_(False))
        .where(sa.cast(col(AlertPreference.topic), sa.String) == sa.cast(col(Alert.kind), sa.String))
    )
    concerns = sa.or_(
        col(Membership.is_company_admin),
        sa.and_(col(Membership.is_accountant), col(Alert.audience) == Audience.ACCOUNTANTS),
    )
    return (
        sa.select(sa.func.count())
        .select_from(Alert)
        .where(col(Alert.company_id) == col(Membership.company_id), col(Alert.closed_at).is_(None))
        .where(concerns, ~read, ~unwanted)
        .correlate(Membership)
        .scalar_subquery()
    )
