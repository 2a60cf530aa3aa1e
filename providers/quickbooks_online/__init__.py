"""QuickBooks Online on the wire: what to send, what comes back, what can go wrong. No table, no workflow."""
