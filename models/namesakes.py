"""Who in Procore has one of a few names: what is asked before a name alone decides a mapping.

Procore's names are kept as they are written, and no index knows them. So PostgreSQL leaves out what surely has another
name, and whoever asks compares what is left as always (``exact_unique``).
"""

from collections.abc import Iterable

from accounting.suggestions import Party
from models.database import CompanySession
from models.reference_lists import name_key

# All of ASCII that Python takes for white space.
BLANKS = "".join(map(chr, (9, 10, 11, 12, 13, 28, 29, 30, 31, 32)))
# Within ASCII, names that are the same but for case and white space have the same letters without any. Beyond it Python
# folds otherwise than PostgreSQL, so that every such name is given out.
PROJECTS_CALLED = """
    SELECT project_id AS id, name FROM procore_project
    WHERE company_id = %(company_id)s AND is_visible AND is_active AND (
        translate(lower(name COLLATE "C"), %(blanks)s, '') = ANY(%(names)s) OR octet_length(name) <> char_length(name)
    )
"""
# The directory's active vendors, then those that only invoices name: each found by walking the invoices' index from one
# vendor to the next, for reading every invoice would take a hundred times as long.
VENDORS_CALLED = """
    WITH RECURSIVE on_invoice AS (
        (
            SELECT vendor_id, vendor_name FROM invoice
            WHERE company_id = %(company_id)s ORDER BY vendor_id, normalised_number LIMIT 1
        )
        UNION ALL
        SELECT following.vendor_id, following.vendor_name FROM on_invoice, LATERAL (
            SELECT vendor_id, vendor_name FROM invoice
            WHERE company_id = %(company_id)s AND vendor_id > on_invoice.vendor_id
            ORDER BY vendor_id, normalised_number LIMIT 1
        ) AS following
    )
    SELECT vendor_id AS id, name FROM procore_vendor
    WHERE company_id = %(company_id)s AND is_active AND (
        translate(lower(name COLLATE "C"), %(blanks)s, '') = ANY(%(names)s) OR octet_length(name) <> char_length(name)
    )
    UNION ALL
    SELECT vendor_id, vendor_name FROM on_invoice
    WHERE (
        translate(lower(vendor_name COLLATE "C"), %(blanks)s, '') = ANY(%(names)s)
        OR octet_length(vendor_name) <> char_length(vendor_name)
    ) AND NOT EXISTS (
        SELECT FROM procore_vendor AS listed
        WHERE listed.company_id = %(company_id)s AND listed.vendor_id = on_invoice.vendor_id AND listed.is_active
    )
"""


async def vendors_called(session: CompanySession, names: Iterable[str]) -> list[Party]:
    """Everybody who may send an invoice and may have one of these names: the directory, and who is on an invoice.

    Some have another name. Of what Procore retired only those are among them that are on an invoice.
    """
    return await session.ask(VENDORS_CALLED, Party, names=_letters(names), blanks=BLANKS)


async def projects_called(session: CompanySession, names: Iterable[str]) -> list[Party]:
    """The projects that may have one of these names; some have another."""
    return await session.ask(PROJECTS_CALLED, Party, names=_letters(names), blanks=BLANKS)


def _letters(names: Iterable[str]) -> list[str]:
    return sorted({name_key(name).replace(" ", "") for name in names})
