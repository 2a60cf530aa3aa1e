"""What a support person pasted: a number, an id, or the address of a page of Procore or QuickBooks."""

import re
from urllib.parse import parse_qs, urlsplit

# The last number of a Procore path is the innermost thing it shows
# (…/562949953430001/project/commitments/701/requisitions/7001). QuickBooks Online names a bill as txnId.
NUMBERS = re.compile(r"/(\d+)(?=/|$)")
QUICKBOOKS_IDS = ("txnId", "realmId", "companyId")


def searched_for(pasted: str) -> str:
    """The id or text to look for; an address without any id is looked for as it is."""
    text = " ".join(pasted.split())
    if not re.match(r"https?://", text):
        return text
    address = urlsplit(text)
    # QuickBooks keeps its pages' ids behind the #, too.
    asked = parse_qs(address.query) | parse_qs(urlsplit(address.fragment).query)
    for name in QUICKBOOKS_IDS:
        if asked.get(name):
            return asked[name][0]
    numbers = NUMBERS.findall(address.path) or NUMBERS.findall(address.fragment)
    return numbers[-1] if numbers else text
