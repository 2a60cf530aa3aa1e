"""What sending a mail may raise, and what the caller does about it.

MailError
├── MailUnavailable   the server is away, busy, or refuses our sign-in: try all mails again later
└── MailRefused       the server will never take this one: no such person, or not this text; give it up
"""


class MailError(Exception):
    """A mail was not sent. The text names the server's answer, never the password."""


class MailUnavailable(MailError):
    """The server does not take mails at the moment."""


class MailRefused(MailError):
    """The server refuses this mail for good."""
