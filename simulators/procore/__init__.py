"""A Procore that answers over HTTP: OAuth, directory, subcontractor invoices, contract payments and webhooks.

It keeps its records in memory, refuses what Procore refuses, and shares no code with the client that talks to it.
"""
