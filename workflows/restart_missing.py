"""Fired by a Schedule: whatever our tables say should run and does not is started again."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from contracts.connection import HousekeepingActivities
    from contracts.names import RESTART_MISSING
    from contracts.timeouts import PROVIDER_READ
    from workflows.calling import options


@workflow.defn(name=RESTART_MISSING)
class RestartMissingWorkflow:
    @workflow.run
    async def run(self) -> int:
        return await workflow.execute_activity_method(
            HousekeepingActivities.restart_missing, **options(PROVIDER_READ, "start what is missing")
        )
