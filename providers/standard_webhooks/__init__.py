"""Outgoing webhooks in the manner of Standard Webhooks (standardwebhooks.com, specification 1.0.0)."""
