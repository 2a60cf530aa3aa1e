"""the event log and the audit log refuse UPDATE and DELETE"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LOGS = ("event_log", "audit_log")


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% keeps what happened: rows are added, never changed or removed', TG_TABLE_NAME;
        END
        $$
        """
    )
    for log in LOGS:
        op.execute(
            f"CREATE TRIGGER refuse_rewriting BEFORE UPDATE OR DELETE ON {log} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
        )
        op.execute(
            f"CREATE TRIGGER refuse_truncating BEFORE TRUNCATE ON {log} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )


def downgrade() -> None:
    for log in LOGS:
        op.execute(f"DROP TRIGGER refuse_truncating ON {log}")
        op.execute(f"DROP TRIGGER refuse_rewriting ON {log}")
    op.execute("DROP FUNCTION refuse_rewriting()")
