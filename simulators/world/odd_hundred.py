"""A hundred invoices with every oddity, and what becomes of most of them as literals worked out by hand."""

from __future__ import annotations

from typing import Any

from simulators.world.approvals import Desk
from simulators.world.books import books
from simulators.world.chains import START
from simulators.world.documents import Documents, procore_document
from simulators.world.expectation import AP_ACCOUNT, EXPENSE_ACCOUNT, RETAINAGE_ACCOUNT, Clashes, expect
from simulators.world.odd_numbers import add_odd_numbers
from simulators.world.odd_texts import add_odd_texts
from simulators.world.oddities import add_odd_amounts
from simulators.world.projects import COMPANIES, HALVORSEN, PROJECTS
from simulators.world.register import Register
from simulators.world.site import Site
from simulators.world.vendors import halvorsen_vendors


def odd_world() -> Documents:
    """The hundred, in the order in which `LITERALS` counts them from 1; their ids are ascending."""
    vendors = halvorsen_vendors()
    register = Register("odd", PROJECTS)
    site = Site(register, Desk(register), vendors, PROJECTS)
    add_odd_amounts(site)
    add_odd_numbers(site)
    add_odd_texts(site)
    clashes = Clashes(register.requisitions)
    return Documents(
        procore=procore_document(COMPANIES, (register,), vendors),
        quickbooks_online={"companies": [books(HALVORSEN, PROJECTS, vendors, older=False)]},
        expected={
            "start_date": START.isoformat(),
            "company_id": HALVORSEN.id,
            "realm_id": HALVORSEN.realm_id,
            "expense_account": EXPENSE_ACCOUNT,
            "retainage_account": RETAINAGE_ACCOUNT,
            "ap_account": AP_ACCOUNT,
            "requisitions": {str(r.id): expect(r, clashes) for r in register.requisitions},
            "order": [str(r.id) for r in register.requisitions],
            "procore_pushes": [],
        },
    )


def literal(place: int) -> dict[str, Any]:
    """The literal of one of the hundred as `expected` words it: verdict, reason, and a bill's total and amounts."""
    verdict, reason, total, costs, retainage = LITERALS[place]
    if verdict != "bill":
        return {"verdict": verdict, "reason": reason}
    return {"verdict": "bill", "reason": "eligible", "total": total, "amounts": [*costs.split(), *retainage.split()]}


# Place | verdict | reason | total | cost lines | withheld, then released. Worked out on paper from what the stories
# bill: 10 % of each line is withheld (5 % where the story says so), rounded half up per line and summed.
_TABLE = """\
2|bill||24840.58|22950.40 4650.25|-2760.07
3|bill||8370.09|6300.10 3000.00|-930.01
4|bill||1111.10|1234.56|-123.46
6|bill||58591.30|60451.20 4650.25|-6510.15
7|bill||8370.09|6300.10 3000.00|-930.01
8|bill||1111.10|1234.56|-123.46
9|bill||12011.10|12345.67 1000.00|-1334.57
10|nothing_to_post|all_zero|||
11|bill||54900.00|36000.00 25000.00|-6100.00
12|bill||35100.00|24000.00 15000.00|-3900.00
13|bill||10000.00||10000.00
14|bill||48766.66|51333.33|-2566.67
15|bill||1200.00||1200.00
16|bill||37800.00|30000.00 12000.00|-4200.00
17|bill||10201.17|5000.00 4000.75|-900.08 2100.50
18|bill||17100.00|19000.00|-1900.00
19|bill||3200.00|2500.00|-250.00 950.00
21|bill||40500.00|45000.00|-4500.00
22|held|retainage_release|||
24|bill||28800.00|32000.00|-3200.00
27|bill||54225.00|60250.00|-6025.00
30|held|retainage_release|||
32|bill||5400.00|-15000.00 21000.00|-600.00
34|bill||3488.94|-8123.45 12000.05|-387.66
36|bill||23625.00|-500.00 26750.00|-2625.00
38|held|negative_total|||
42|nothing_to_post|all_zero|||
45|bill||9286.25|2800.00 6975.00|-488.75
46|bill||7116.64|2800.00 4691.20|-374.56
47|bill||37626.87|2800.00 36807.23|-1980.36
48|bill||9944.76|10500.00 494.76|-1050.00
49|bill||7576.96|8000.00 376.96|-800.00
50|bill||6061.57|6400.00 301.57|-640.00
51|held|small_difference|||
52|held|amounts_disagree|||
54|held|third_decimal|||
56|held|no_cost_code|||
58|bill||4500.00|5000.00|-500.00
59|held|rejected_line|||
61|bill||6300.00|7000.00|-700.00
62|held|currency|||
64|bill||7650.45|6000.00 2500.50|-850.05
67|bill||4725.22|4000.00 1250.25|-525.03
68|bill||15770.09|13200.00 3400.10|-830.01
73|bill||8100.04|9000.05|-900.01
74|bill||8775.13|9750.15|-975.02
82|bill||5580.18|6200.20|-620.02
83|bill||6390.04|7100.05|-710.01
85|bill||4635.13|5150.15|-515.02
86|bill||5625.22|6250.25|-625.03
87|bill||8311.05|8000.00 1234.50|-923.45
88|bill||8311.05|8000.00 1234.50|-923.45
89|bill||8311.05|8000.00 1234.50|-923.45
92|bill||15750.67|10000.00 7500.75|-1750.08
94|bill||5400.00|10000.00 -4000.00|-600.00
96|bill||0.00|-2500.00 2500.00|
98|held|retainage_release|||
100|held|negative_total|||"""

LITERALS: dict[int, tuple[str, str, str, str, str]] = {
    int(place): (verdict, reason, total, costs, retainage)
    for place, verdict, reason, total, costs, retainage in (line.split("|") for line in _TABLE.splitlines())
}
