"""A mail server for the demo and the tests: it takes every mail over SMTP, delivers none, and shows them on a page."""
