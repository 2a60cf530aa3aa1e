"""Which QuickBooks entry something of Procore's probably is: ranked, with the reason, for a person to confirm."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rapidfuzz import fuzz, process

# Words that tell the legal form or nothing at all: two vendors never differ in them alone.
_LEGAL = frozenset(
    (
        *("inc", "incorporated", "llc", "llp", "lp", "ltd", "limited", "co", "company", "corp", "corporation"),
        *("pc", "plc", "pllc", "the", "and", "of", "dba"),
    )
)
# How the trade shortens its own words. Both sides are written out before they are compared.
_LONG = {
    "assoc": "associates",
    "bldg": "building",
    "bldrs": "builders",
    "bros": "brothers",
    "conc": "concrete",
    "const": "construction",
    "constr": "construction",
    "contr": "contractors",
    "contrs": "contractors",
    "ctrl": "control",
    "dev": "development",
    "elec": "electric",
    "electrical": "electric",
    "eng": "engineering",
    "engr": "engineering",
    "ent": "enterprises",
    "equip": "equipment",
    "fab": "fabrication",
    "gen": "general",
    "grp": "group",
    "htg": "heating",
    "ind": "industries",
    "inds": "industries",
    "insul": "insulation",
    "intl": "international",
    "mech": "mechanical",
    "mfg": "manufacturing",
    "mgmt": "management",
    "mtl": "metal",
    "mtls": "materials",
    "natl": "national",
    "plbg": "plumbing",
    "plmg": "plumbing",
    "refrig": "refrigeration",
    "rfg": "roofing",
    "sply": "supply",
    "svc": "services",
    "svcs": "services",
    "service": "services",
    "sys": "systems",
    "tech": "technologies",
    "whse": "warehouse",
}
_WORD = re.compile(r"[a-z0-9]+")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")
# Digits that a phone number is recognised by: without country code and extension.
_PHONE_DIGITS = 10
# E-mail hosts that everybody may have; the whole address still counts.
_PUBLIC_MAIL = frozenset(
    (
        *("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "aol.com"),
        *("icloud.com", "comcast.net", "msn.com", "live.com", "att.net"),
    )
)
# Below it a name is no suggestion: found on the seeded set of benchmarks/suggestions.py.
NAME_FLOOR = 82.0
MOST_SUGGESTED = 5


class Likeness(StrEnum):
    """Why two are thought the same, the strongest first."""

    EXACT_NAME = "exact_name"
    NUMBER = "number"
    SAME_WORDS = "same_words"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    MAIL_HOST = "mail_host"
    SIMILAR_NAME = "similar_name"


_REASONS = {
    Likeness.EXACT_NAME: "same name",
    Likeness.NUMBER: "same number",
    Likeness.SAME_WORDS: "same name but for legal form, order or abbreviations",
    Likeness.EMAIL: "same e-mail address",
    Likeness.PHONE: "same phone number",
    Likeness.ADDRESS: "same address",
    Likeness.MAIL_HOST: "e-mail at the same company",
    Likeness.SIMILAR_NAME: "similar name",
}
_SCORES = {
    Likeness.EXACT_NAME: 100.0,
    Likeness.NUMBER: 98.0,
    Likeness.SAME_WORDS: 96.0,
    Likeness.EMAIL: 90.0,
    Likeness.PHONE: 88.0,
    Likeness.ADDRESS: 84.0,
    Likeness.MAIL_HOST: 80.0,
}


_BY_NAME = frozenset({Likeness.EXACT_NAME, Likeness.SAME_WORDS})


@dataclass(frozen=True)
class Party:
    """A vendor, project or code of either side, as far as it helps to recognise it."""

    id: str
    name: str
    number: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Suggestion:
    """One likely counterpart. ``score`` runs from 0 to 100; ``reasons`` say why, the strongest first."""

    target_id: str
    target_name: str
    score: float
    likenesses: tuple[Likeness, ...]

    @property
    def reason(self) -> str:
        return ", ".join(_REASONS[one] for one in self.likenesses)

    @property
    def is_exact(self) -> bool:
        """Whether the names are the same but for case and white space."""
        return Likeness.EXACT_NAME in self.likenesses


@dataclass(frozen=True)
class _Known:
    """One party, prepared once for every comparison."""

    party: Party
    name: str
    words: str
    words_in_order: str
    number: str
    email: str
    host: str
    phone: str
    address: str


@dataclass
class _Found:
    likenesses: dict[Likeness, float] = field(default_factory=dict)

    def note(self, likeness: Likeness, score: float) -> None:
        self.likenesses[likeness] = max(score, self.likenesses.get(likeness, 0.0))


def suggest(wanted: Sequence[Party], targets: Sequence[Party]) -> dict[str, tuple[Suggestion, ...]]:
    """At most five suggestions for each wanted party, best first, by its id; none where nothing is alike.

    The order does not depend on how the parties were listed.
    """
    known = [_known(one) for one in targets]
    by_key: dict[tuple[Likeness, str], list[int]] = defaultdict(list)
    for place, one in enumerate(known):
        for likeness, key in _keys(one):
            by_key[likeness, key].append(place)
    sorted_names = {place: one.words for place, one in enumerate(known) if one.words}
    names = {place: one.words_in_order for place, one in enumerate(known) if one.words}
    suggested = {}
    for one in map(_known, wanted):
        found: dict[int, _Found] = defaultdict(_Found)
        for likeness, key in _keys(one):
            for place in by_key.get((likeness, key), ()):
                found[place].note(likeness, _SCORES[likeness])
        # Whose name is found but for form, order and abbreviations needs no guess.
        if one.words and not any(_BY_NAME & of.likenesses.keys() for of in found.values()):
            for place, score in _alike_by_words(one, sorted_names, names).items():
                found[place].note(Likeness.SIMILAR_NAME, score)
        suggested[one.party.id] = _ranked(found, known)
    return suggested


def exact_unique(wanted: Sequence[Party], targets: Sequence[Party]) -> dict[str, str]:
    """What may be confirmed without asking: one wanted and one target of the very same name, each alone of it."""
    of_name: dict[str, list[str]] = defaultdict(list)
    for target in targets:
        of_name[_plain(target.name)].append(target.id)
    asking: dict[str, list[str]] = defaultdict(list)
    for one in wanted:
        asking[_plain(one.name)].append(one.id)
    return {
        ids[0]: of_name[name][0] for name, ids in asking.items() if name and len(ids) == 1 == len(of_name.get(name, ()))
    }


def _ranked(found: dict[int, _Found], known: Sequence[_Known]) -> tuple[Suggestion, ...]:
    suggestions = []
    for place, one in found.items():
        likenesses = one.likenesses
        if Likeness.EXACT_NAME in likenesses:
            likenesses = {kind: score for kind, score in likenesses.items() if kind is not Likeness.SAME_WORDS}
        best = max(likenesses.values())
        # Each further likeness makes it surer, but never as sure as the same name.
        score = best if best >= 100 else min(best + 3 * (len(likenesses) - 1), 99.0)
        target = known[place].party
        ordered = tuple(kind for kind in Likeness if kind in likenesses)
        suggestions.append(Suggestion(target.id, target.name, round(score, 1), ordered))
    suggestions.sort(key=lambda one: (-one.score, one.target_name.casefold(), one.target_id))
    return tuple(suggestions[:MOST_SUGGESTED])


def _alike_by_words(one: _Known, sorted_names: dict[int, str], names: dict[int, str]) -> dict[int, float]:
    """The places of the most alike names, each with the better of two comparisons.

    In alphabetical order swapped words agree; as written a typo in a first letter moves no word.
    """
    best: dict[int, float] = {}
    for text, choices in ((one.words, sorted_names), (one.words_in_order, names)):
        found = process.extract(text, choices, scorer=fuzz.ratio, score_cutoff=NAME_FLOOR, limit=MOST_SUGGESTED * 2)
        for _, score, place in found:
            best[place] = max(score, best.get(place, 0.0))
    return best


def _keys(one: _Known) -> Iterable[tuple[Likeness, str]]:
    keys = (
        (Likeness.EXACT_NAME, one.name),
        (Likeness.NUMBER, one.number),
        (Likeness.SAME_WORDS, one.words),
        (Likeness.EMAIL, one.email),
        (Likeness.PHONE, one.phone),
        (Likeness.ADDRESS, one.address),
        (Likeness.MAIL_HOST, one.host),
    )
    return ((likeness, key) for likeness, key in keys if key)


def _known(party: Party) -> _Known:
    email = "".join(party.email.split()).casefold()
    host = email.rpartition("@")[2]
    digits = "".join(c for c in party.phone if c.isascii() and c.isdigit())
    words = _words(party.name)
    return _Known(
        party=party,
        name=_plain(party.name),
        words=" ".join(sorted(words)),
        words_in_order=" ".join(words),
        number="".join(_WORD.findall(_folded(party.number))).lstrip("0") if party.number else "",
        email=email if "@" in email else "",
        host="" if host in _PUBLIC_MAIL else host,
        phone=digits.removeprefix("1")[:_PHONE_DIGITS] if len(digits) >= _PHONE_DIGITS else "",
        address=" ".join(sorted(_words(party.address))) if party.address else "",
    )


def _plain(name: str) -> str:
    """Names are the same when they differ in case and white space only."""
    return " ".join(name.split()).casefold()


def _words(name: str) -> list[str]:
    """The words that tell names apart, written out, as they stand; all words where only the others are there."""
    # "Ernie's" is "Ernies" to whoever types it; "A.B.C." is "ABC".
    folded = _folded(name).replace("'", "").replace("’", "")
    if "." in folded:
        folded = _INITIALS.sub(lambda run: run.group().replace(".", ""), folded)
    words = [_LONG.get(word, word) for word in _WORD.findall(folded)]
    return [word for word in words if word not in _LEGAL] or words


def _folded(text: str) -> str:
    """Small letters without accents."""
    small = text.casefold()
    if small.isascii():
        return small
    return "".join(c for c in unicodedata.normalize("NFKD", small) if not unicodedata.combining(c))
