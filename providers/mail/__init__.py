"""Mail over SMTP: one server of the installation's own, plain text and HTML, a Message-ID that stays when repeated."""
