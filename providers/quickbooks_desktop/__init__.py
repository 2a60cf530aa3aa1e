"""QuickBooks Desktop, which calls us: qbXML 13.0 messages, and the SOAP protocol of the QuickBooks Web Connector."""
