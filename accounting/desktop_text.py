"""Text on its way into QuickBooks Desktop, which knows the characters of Windows-1252 and no others.

Characters outside that set come back as ``?`` or refuse the whole message, so they are replaced here, visibly and the
same way every time. A length is counted after this, never before.
"""

import unicodedata

CODE_PAGE = "cp1252"
REPLACEMENT = "?"
# Typed by word processors; Windows-1252 lacks them, and each has a plain twin that reads the same.
PLAIN_TWINS = str.maketrans(
    {
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2015": "-",
        "\u2212": "-",
        "\u2032": "'",
        "\u2033": '"',
        "\u2044": "/",
        "\u200b": "",
        "\ufeff": "",
    }
)


def known_to_quickbooks(text: str) -> str:
    """The text in characters that QuickBooks Desktop can hold, as one line, stripped.

    Control characters and line ends become spaces. Letters lose marks that Windows-1252 lacks (``Łódź`` is ``Lódz``
    where no better form exists); whatever is left, such as other scripts, becomes ``?``.
    """
    composed = unicodedata.normalize("NFC", text).translate(PLAIN_TWINS)
    return " ".join("".join(_known(character) for character in composed).split())


def shortened(text: str, limit: int) -> str:
    """The text itself, or its beginning with three dots, at most ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 3].rstrip() + "..."


def _known(character: str) -> str:
    if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp", "Zs"}:
        return " "
    if _encodes(character):
        return character
    bare = unicodedata.normalize("NFKD", character)
    kept = "".join(part for part in bare if _encodes(part) and not unicodedata.combining(part))
    return kept or _LETTERS.get(character, REPLACEMENT)


def _encodes(character: str) -> bool:
    try:
        character.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True


# Letters of the Latin script that Unicode does not take apart.
_LETTERS = {"Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i", "Ħ": "H", "ħ": "h"}
