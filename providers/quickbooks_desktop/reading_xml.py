"""XML from outside, read without ever following it anywhere: no DTD, no entity, no file, no network, no giant."""

from lxml import etree


class UnsafeOrBroken(ValueError):
    """Text that is not well-formed XML, or carries a DTD, or passes the size allowed for it."""


def read_xml(text: bytes | str, largest: int) -> etree._Element:
    """The root element. ``largest`` is in bytes.

    Raises UnsafeOrBroken; a document type is refused whatever it declares, before anything in it could be expanded.
    """
    body = text.encode("utf-8") if isinstance(text, str) else text
    if len(body) > largest:
        raise UnsafeOrBroken(f"{len(body)} bytes of XML, at most {largest} are read")
    # A text that was decoded already keeps a declaration of the encoding it once had.
    encoding = "utf-8" if isinstance(text, str) else None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True,
        remove_comments=True, encoding=encoding,
    )  # fmt: skip
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as broken:
        raise UnsafeOrBroken(f"no well-formed XML: {broken}") from None
    information = root.getroottree().docinfo
    if information.doctype or information.internalDTD is not None:
        raise UnsafeOrBroken("a document type is not accepted")
    return root
