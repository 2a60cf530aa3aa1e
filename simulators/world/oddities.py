"""Odd amounts: stored materials, releases, corrections, units, taxes, sums that disagree."""

from __future__ import annotations

from decimal import Decimal as D

from simulators.world.commitments import Unit
from simulators.world.items import Work
from simulators.world.money import ZERO
from simulators.world.requisitions import Intent
from simulators.world.site import APRIL, JULY, JUNE, MAY, Site, done, nothing

ZERO_LINES = Intent("nothing_to_post", "all_zero")
NEGATIVE_TOTAL = Intent("held", "negative_total")
RETAINAGE_RELEASE = Intent("held", "retainage_release")
DISAGREE = Intent("held", "amounts_disagree")
A_FEW_CENTS = Intent("held", "small_difference")
THIRD_DECIMAL = Intent("held", "third_decimal")
NO_COST_CODE = Intent("held", "no_cost_code")
REJECTED = Intent("held", "rejected_line")
CURRENCY = Intent("held", "currency")


def add_odd_amounts(site: Site) -> None:
    """All of it; each function is one story."""
    _stored_materials(site)
    _materials_only_moved(site)
    _release_of_what_we_withheld(site)
    _release_of_more(site)
    _corrections(site)
    _all_zero(site)
    _units(site)
    _tax(site)
    _disagreeing(site)
    _decimals(site)
    _cost_codes(site)
    _rejected(site)
    _currency(site)


def _stored_materials(site: Site) -> None:
    for scale in (1, 3):
        contract = site.contract(f"{84_000 * scale}", f"{46_500 * scale}", percent="10")
        site.approved(contract, APRIL, done("9100"), done("2325"))
        site.approved(contract, MAY, Work(done=D("4200"), delivered=D("18750.40") * scale), done("4650.25"))
        moved = D("7500.15") * scale
        june = site.approved(contract, JUNE, Work(done=D("6300.10"), moved=moved), done("3000"))
        july = site.approved(contract, JULY, Work(moved=D("18750.40") * scale - moved), done("1234.56"))
        june.move_materials = july.move_materials = True


def _materials_only_moved(site: Site) -> None:
    """Everything stored goes into the work, nothing else happens: no cost, no retainage, nothing to post."""
    contract = site.contract("31000", "12000", percent="10")
    site.approved(contract, MAY, Work(delivered=D("12345.67")), done("1000"))
    site.approved(contract, JUNE, Work(moved=D("12345.67")), nothing(), intent=ZERO_LINES).move_materials = True


def _release_of_what_we_withheld(site: Site) -> None:
    whole = site.contract("60000", "40000", percent="10")
    site.approved(whole, MAY, done("36000"), done("25000"))
    site.approved(whole, JUNE, done("24000"), done("15000"))
    site.approved(whole, JULY, Work(release=D("6000")), Work(release=D("4000")))

    part = site.contract("72500", percent="5")
    site.approved(part, MAY, done("51333.33"))
    site.approved(part, JULY, Work(release=D("1200.00")))

    mixed = site.contract("55000", "20000", percent="10")
    site.approved(mixed, MAY, done("30000"), done("12000"))
    site.approved(mixed, JUNE, Work(done=D("5000"), release=D("2100.50")), done("4000.75"))

    stored = site.contract("48000", percent="10")
    site.approved(stored, MAY, Work(done=D("10000"), delivered=D("9000")))
    site.approved(stored, JUNE, Work(done=D("2500"), release_stored=D("450"), release=D("500")))


def _release_of_more(site: Site) -> None:
    """Part was withheld before the start date, so the books never saw it."""
    for lump in ("90000", "64000", "120500"):
        contract = site.contract(lump, percent="10")
        half = D(lump) / 2
        site.approved(contract, APRIL, Work(done=half))
        site.approved(contract, MAY, Work(done=half))
        site.approved(contract, JULY, Work(release=D(lump) / 10), intent=RETAINAGE_RELEASE)
    mixed = site.contract("70000", percent="10")
    site.approved(mixed, APRIL, done("40000"))
    site.approved(mixed, JUNE, Work(done=D("10000"), release=D("4000")), intent=RETAINAGE_RELEASE)


def _corrections(site: Site) -> None:
    for wrong, right in (("15000", "21000"), ("8123.45", "12000.05"), ("500", "26750")):
        contract = site.contract("80000", "95000", percent="10")
        site.approved(contract, MAY, done("20000"), done("10000"))
        site.approved(contract, JUNE, Work(done=-D(wrong)), done(right))
    for wrong in ("14000", "3250.75"):
        contract = site.contract("60000", "30000", percent="5")
        site.approved(contract, MAY, done("25000"), done("5000"))
        site.approved(contract, JUNE, Work(done=-D(wrong)), done("1000"), intent=NEGATIVE_TOTAL)


def _all_zero(site: Site) -> None:
    for month in (JUNE, JULY):
        contract = site.contract("18000", "26000", percent="10")
        site.approved(contract, MAY, done("9000"), done("1300"))
        site.approved(contract, month, nothing(), nothing(), intent=ZERO_LINES)


def _units(site: Site) -> None:
    for quantity, price, used, measure in (
        ("420", "38.75", "180", "cy"),
        ("1250", "6.40", "733", "sf"),
        ("96", "1187.33", "31", "ea"),
    ):
        contract = site.contract("14000", percent="5", terms="Net 45")
        unit = Unit(D(quantity), D(price), measure)
        code = contract.lines[0].cost_code
        site.register.schedule(
            contract, code.code if code else None, f"Per {measure}", unit.quantity * unit.price, unit=unit
        )
        site.approved(contract, JUNE, done("2800"), Work(done=unit.price * D(used)))


def _tax(site: Site) -> None:
    """One says it in both places, one only in the summary, one only in the list of tax codes.

    The amount due is the lines without tax in all three, so that the tax comes on top of it.
    """
    for amount, in_summary, in_list in (("10500", True, True), ("8000", True, False), ("6400", False, True)):
        contract = site.contract("40000", percent="10")
        requisition = site.approved(contract, JUNE, done(amount))
        tax = D(amount) * D("0.04712")
        tax = tax.quantize(D("0.01"))
        requisition.tax = tax if in_summary else ZERO
        if in_list:
            row = {"tax_code_id": 611, "tax_code_name": "GET 4.712%", "tax_code_rate": "4.712"}
            requisition.tax_rows = [{**row, "applied_amount": f"{tax:.2f}"}]


def _disagreeing(site: Site) -> None:
    for gap in ("0.02", "-150.00", "1000.00"):
        contract = site.contract("33000", "47000", percent="10")
        intent = A_FEW_CENTS if abs(D(gap)) <= D("0.05") else DISAGREE
        site.approved(contract, JUNE, done("11000"), done("5200.40"), intent=intent).misstatement = D(gap)


def _decimals(site: Site) -> None:
    for amount in ("4321.125", "987.654"):
        contract = site.contract("22000", percent="10")
        site.approved(contract, JUNE, done(amount), intent=THIRD_DECIMAL)


def _cost_codes(site: Site) -> None:
    for amount in ("6000", "1499.99"):
        contract = site.contract("25000", percent="10")
        site.register.schedule(contract, None, "Allowance, to be coded", D("9000"))
        site.approved(contract, JUNE, done("5000"), done(amount), intent=NO_COST_CODE)
    harmless = site.contract("25000", percent="10")
    site.register.schedule(harmless, None, "Allowance, unused", D("9000"))
    site.approved(harmless, JUNE, done("5000"), nothing())


def _rejected(site: Site) -> None:
    for amount in ("3500", "-220.10"):
        contract = site.contract("28000", "16000", percent="10")
        site.approved(contract, JUNE, done("7000"), Work(done=D(amount), status="rejected"), intent=REJECTED)
    harmless = site.contract("28000", "16000", percent="10")
    site.approved(harmless, JUNE, done("7000"), Work(status="rejected"))


def _currency(site: Site) -> None:
    for amount in ("12000", "4550.20"):
        contract = site.contract("52000", percent="10", currency="CAD")
        site.approved(contract, JUNE, done(amount), intent=CURRENCY)
