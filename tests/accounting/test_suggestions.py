import pytest

from accounting.suggestions import Likeness, Party, exact_unique, suggest

ERNIE = Party("q1", "Ernie's Electrical, Inc.", "V-0042", "ap@ernies.example", "(312) 555-0142", "12 Oak St, Chicago")
CASCADE = Party("q2", "Cascade Concrete & Masonry LLC")
HARBOR = Party("q3", "Harbor Steel Erectors")
BOOKS = (ERNIE, CASCADE, HARBOR)


def first(name: str, **known: str) -> tuple[str, tuple[Likeness, ...]] | None:
    found = suggest([Party("p", name, **known)], BOOKS)["p"]
    return (found[0].target_id, found[0].likenesses) if found else None


@pytest.mark.parametrize(
    ("name", "target", "likeness"),
    [
        ("harbor  STEEL erectors", "q3", Likeness.EXACT_NAME),
        ("Harbor Steel Erectors Inc", "q3", Likeness.SAME_WORDS),
        ("Steel Erectors, Harbor", "q3", Likeness.SAME_WORDS),
        ("Ernies Elec", "q1", Likeness.SAME_WORDS),
        ("The Ernie's Electric Company", "q1", Likeness.SAME_WORDS),
        ("Cascade Conc and Masonry", "q2", Likeness.SAME_WORDS),
        ("Harbour Steel Erectors", "q3", Likeness.SIMILAR_NAME),
        ("Cascade Concerte & Masonry", "q2", Likeness.SIMILAR_NAME),
        ("Xarbor Steel Erectors", "q3", Likeness.SIMILAR_NAME),
    ],
)
def test_a_name_is_recognised_however_it_is_written(name: str, target: str, likeness: Likeness) -> None:
    assert first(name) == (target, (likeness,))


@pytest.mark.parametrize(
    ("known", "likeness"),
    [
        ({"number": "v42"}, None),
        ({"number": "V 0042"}, Likeness.NUMBER),
        ({"email": "AP@Ernies.example "}, Likeness.EMAIL),
        ({"email": "jo@ernies.example"}, Likeness.MAIL_HOST),
        ({"phone": "+1 312-555-0142 x7"}, Likeness.PHONE),
        ({"phone": "555-0142"}, None),
        ({"address": "12 oak st. Chicago"}, Likeness.ADDRESS),
    ],
)
def test_a_vendor_under_another_name_is_recognised_by_the_rest(
    known: dict[str, str], likeness: Likeness | None
) -> None:
    found = first("EEI Power", **known)
    assert (found is None) if likeness is None else found is not None and found[0] == "q1" and likeness in found[1]


def test_further_likenesses_make_it_surer_but_never_as_sure_as_the_same_name() -> None:
    party = Party("p", "Ernies Electrical", email="ap@ernies.example", phone="3125550142")
    (only,) = suggest([party], BOOKS)["p"]
    assert only.score == 99.0
    assert only.reason == (
        "same name but for legal form, order or abbreviations, same e-mail address, same phone number, "
        "e-mail at the same company"
    )
    assert suggest([Party("p", "Harbor Steel Erectors")], BOOKS)["p"][0].score == 100.0


def test_nobody_is_suggested_for_a_stranger_or_for_a_name_that_says_nothing() -> None:
    assert first("Zenith Glazing") is None
    assert first("  ") is None
    assert suggest([Party("p", "")], [Party("q", "")])["p"] == ()


def test_everybodys_mail_host_proves_nothing() -> None:
    target = Party("q", "Zenith Glazing", email="z@gmail.com")
    assert suggest([Party("p", "Harbor", email="h@gmail.com")], [target])["p"] == ()


def test_at_most_five_the_best_first_in_any_order_of_the_list() -> None:
    many = [Party(f"q{n}", f"Harbor Steel {n}") for n in range(10, 20)]
    party = Party("p", "Harbor Steal 14")
    found = suggest([party], many)["p"]
    assert len(found) == 5 and found[0].target_id == "q14"
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert suggest([party], many[::-1])["p"] == found


def test_only_what_is_unique_on_both_sides_is_confirmed_unasked() -> None:
    wanted = [Party("a", "Ernie"), Party("b", "Harbor"), Party("c", "harbor "), Party("d", "Two"), Party("e", "")]
    targets = [Party("1", "ERNIE"), Party("2", "Harbor"), Party("3", "Two"), Party("4", "two"), Party("5", "")]
    assert exact_unique(wanted, targets) == {"a": "1"}
