"""Customers' text on its way into a bill: names and numbers typed by people, pasted from anywhere."""

import unicodedata

# Control characters and lone surrogates: no XML 1.0 document and no UTF-8 body can carry them.
_UNSENDABLE = frozenset({"Cc", "Cs"})


def sendable(text: str) -> str:
    """The text with every control character and lone surrogate as a space, stripped; inner spaces are kept."""
    if text.isprintable():
        return text.strip()
    return "".join(" " if unicodedata.category(c) in _UNSENDABLE else c for c in text).strip()


def one_line(text: str) -> str:
    """The text as one line: sendable, with every run of white space as a single space."""
    return " ".join(sendable(text).split())


def shortened(text: str, limit: int) -> str:
    """The text itself, or its beginning with an ellipsis, at most ``limit`` characters."""
    if len(text) <= limit:
        return text
    return text[: limit - 1] + "…" if limit > 0 else ""
