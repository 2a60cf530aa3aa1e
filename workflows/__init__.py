"""Durable control flow: no I/O, no clock of its own, no randomness."""

from workflows.connection import ConnectionWorkflow
from workflows.connection_attempt import ConnectionAttemptWorkflow
from workflows.mirroring import MirroringWorkflow
from workflows.paperwork import PaperworkWorkflow
from workflows.reconciliation import ReconciliationWorkflow
from workflows.restart_missing import RestartMissingWorkflow

WORKFLOWS = [
    ConnectionAttemptWorkflow,
    ConnectionWorkflow,
    MirroringWorkflow,
    PaperworkWorkflow,
    ReconciliationWorkflow,
    RestartMissingWorkflow,
]
