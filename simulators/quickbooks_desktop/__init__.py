"""A customer's office with QuickBooks Desktop: company files, PCs, and a Web Connector that calls the product by SOAP.

A company file answers qbXML as QuickBooks does; `processor` is its door. A PC runs QuickBooks and the Web Connector
(`pc`), one update is a `session`, and `troubles` may strike at every arrow of it. `/` shows the office, `/control` is
the tests' way in.
"""
