"""`python -m benchmarks.suggestions`: how fast and how right vendors are suggested, on a seeded set of 2,000 each."""

import random
import time
from dataclasses import dataclass

from accounting.suggestions import Party, suggest

SEED = 20260601
VENDORS = 2_000
# Vendors of Procore that QuickBooks does not have: a suggestion for one of them is wrong whatever it says.
STRANGERS = 200
# From this score on a suggestion is what a person confirms in bulk.
CONFIRMED_FROM = 90.0

_PLACES = (
    *("Harbor", "Summit", "Cascade", "Prairie", "Granite", "Cedar", "Delta", "Apex", "Pioneer", "Liberty", "Keystone"),
    *("Mesa", "Ridge", "Canyon", "Falcon", "Titan", "Sierra", "Coastal", "Metro", "Union", "Premier", "Allied"),
    *("Riverside", "Lakeshore", "Northgate", "Southfork", "Evergreen", "Bluestone", "Ironwood", "Silverline"),
)
_PEOPLE = (
    *("Ernie", "Halvorsen", "Okafor", "Duarte", "Kowalski", "Nguyen", "Petersen", "Ramirez", "Sullivan", "Tanaka"),
    *("Abbott", "Becker", "Castillo", "Donovan", "Ericsson", "Fournier", "Gallagher", "Hoffmann", "Ivanov", "Jensen"),
)
_TRADES = (
    *("Electrical", "Plumbing", "Concrete", "Mechanical", "Roofing", "Structural Steel", "Drywall", "Painting"),
    *("Masonry", "Flooring", "Glass", "Excavation", "Landscape", "Insulation", "Fire Protection", "Elevator"),
    *("Heating and Cooling", "Equipment Rental", "Building Supply", "General Contractors"),
)
_FORMS = ("Inc", "LLC", "Co", "Corp", "Company", "")
_SHORT = {
    "Electrical": "Elec",
    "Mechanical": "Mech",
    "Concrete": "Conc",
    "Plumbing": "Plbg",
    "Heating": "Htg",
    "Equipment": "Equip",
    "Supply": "Sply",
    "Building": "Bldg",
    "Contractors": "Contr",
    "General": "Gen",
    "Insulation": "Insul",
    "Roofing": "Rfg",
}


@dataclass(frozen=True)
class Measured:
    """``precision``: of the suggestions good enough to confirm in bulk, how many are right. ``recall``: of the vendors
    that are in both lists, how many are suggested first of all. ``within_five``: how many at all."""

    seconds: float
    precision: float
    recall: float
    within_five: float

    def __str__(self) -> str:
        return (
            f"{VENDORS:,} × {VENDORS:,} vendors in {self.seconds:.2f} s: precision {self.precision:.1%} from score "
            f"{CONFIRMED_FROM:g}, recall {self.recall:.1%} first, {self.within_five:.1%} within five"
        )


def seeded_vendors() -> tuple[list[Party], list[Party], dict[str, str]]:
    """Procore's list, QuickBooks' list, and who is who: typos, other legal forms, swapped words, abbreviations."""
    rng = random.Random(SEED)
    names: set[str] = set()
    while len(names) < VENDORS + STRANGERS:
        head = f"{rng.choice(_PLACES)} {rng.choice((*_PEOPLE, *_PLACES))}"
        names.add(f"{head} {rng.choice(_TRADES)} {rng.choice(_FORMS)}".strip())
    ordered = sorted(names)
    rng.shuffle(ordered)
    in_books = [Party(f"q{place}", name) for place, name in enumerate(ordered[:VENDORS])]
    known = in_books[: VENDORS - STRANGERS]
    in_procore = [Party(f"p{place}", _as_typed(rng, one.name)) for place, one in enumerate(known)]
    in_procore += [Party(f"s{place}", name) for place, name in enumerate(ordered[VENDORS:])]
    return in_procore, in_books, {f"p{place}": one.id for place, one in enumerate(known)}


def _as_typed(rng: random.Random, name: str) -> str:
    """The name as somebody else typed it: one or two of the usual differences, or none."""
    ways = (_typo, _other_form, _swapped, _abbreviated, _unchanged)
    for way in rng.sample(ways, rng.choice((1, 1, 2))):
        name = way(rng, name)
    return name


def _typo(rng: random.Random, name: str) -> str:
    place = rng.randrange(len(name))
    kind = rng.randrange(3)
    if kind == 0:
        return name[:place] + name[place + 1 :]
    if kind == 1:
        return name[:place] + rng.choice("aeinorst") + name[place:]
    return name[:place] + name[place : place + 2][::-1] + name[place + 2 :]


def _other_form(rng: random.Random, name: str) -> str:
    words = name.split()
    bare = words[:-1] if words[-1] in _FORMS else words
    return " ".join([*bare, rng.choice(("Inc.", ", LLC", "Co.", ""))]).replace(" ,", ",").strip()


def _swapped(rng: random.Random, name: str) -> str:
    words = name.split()
    place = rng.randrange(len(words) - 1)
    words[place], words[place + 1] = words[place + 1], words[place]
    return " ".join(words)


def _abbreviated(_: random.Random, name: str) -> str:
    return " ".join(_SHORT.get(word, word) for word in name.replace(" and ", " & ").split())


def _unchanged(_: random.Random, name: str) -> str:
    return name


def measure() -> Measured:
    """Suggest once for the whole list, as the mapping page does."""
    in_procore, in_books, truth = seeded_vendors()
    started = time.perf_counter()
    suggested = suggest(in_procore, in_books)
    seconds = time.perf_counter() - started
    sure = [(one, best[0]) for one, best in suggested.items() if best and best[0].score >= CONFIRMED_FROM]
    right = sum(truth.get(one) == best.target_id for one, best in sure)
    first = sum(bool(suggested[one]) and suggested[one][0].target_id == target for one, target in truth.items())
    within = sum(target in {of.target_id for of in suggested[one]} for one, target in truth.items())
    return Measured(seconds, right / len(sure), first / len(truth), within / len(truth))


def written(measured: Measured, measured_on: str) -> str:
    """The lines of docs/performance.md."""
    return "\n".join(
        (
            f"Measured on {measured_on}: {VENDORS:,} vendors of Procore against {VENDORS:,} of QuickBooks, seeded with",
            f"typos, suffixes, swapped words and abbreviations; {STRANGERS} of Procore's are not in QuickBooks at all.",
            "",
            "| what | measured |",
            "| --- | --- |",
            f"| seconds for the whole list | {measured.seconds:.2f} |",
            f"| precision of suggestions from score {CONFIRMED_FROM:g} on | {measured.precision:.1%} |",
            f"| recall: the right one is suggested first | {measured.recall:.1%} |",
            f"| the right one is among the first five | {measured.within_five:.1%} |",
        )
    )


if __name__ == "__main__":
    print(measure())
