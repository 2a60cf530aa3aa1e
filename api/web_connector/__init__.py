"""The conversation with the QuickBooks Web Connector: who signs in, what is handed out next, what an answer means."""
