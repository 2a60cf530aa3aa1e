"""The characters QuickBooks Desktop can hold: those of Windows-1252, and nothing XML 1.0 forbids."""

import unicodedata


def is_known(text: str) -> bool:
    """Whether QuickBooks Desktop can hold the text as it is. What it cannot hold may refuse the whole message."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return all(unicodedata.category(character) != "Cc" for character in text)
