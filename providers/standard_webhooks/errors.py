"""What delivering a webhook may raise, and what the caller does about it.

WebhookError
├── DestinationRefused   we do not send there: no https, or an address inside a private network; ask for another
├── ReceiverUnavailable  no answer, or not one of success: try again later
└── ReceiverGone         410: nobody wants it any more; stop sending
"""


class WebhookError(Exception):
    """A webhook was not delivered. The text says why, for people; it holds no secret and nothing the receiver sent."""


class DestinationRefused(WebhookError):
    """The address is none that webhooks go to."""


class ReceiverUnavailable(WebhookError):
    """The receiver did not take it."""


class ReceiverGone(WebhookError):
    """The receiver says that it is gone for good."""
