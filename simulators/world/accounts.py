"""The chart of accounts and the terms of a contractor's books."""

from __future__ import annotations

from typing import Any

from simulators.world.vendors import TERM_DAYS

CREATED = "2025-01-06T09:00:00-08:00"


def entity(identity: int | str, **fields: Any) -> dict[str, Any]:
    """What every QuickBooks Online entity carries."""
    return {
        **fields,
        "Id": str(identity),
        "SyncToken": "0",
        "domain": "QBO",
        "sparse": False,
        "MetaData": {"CreateTime": CREATED, "LastUpdatedTime": CREATED},
    }


USD = {"value": "USD", "name": "United States Dollar"}

# id | parent id | name | AccountType | AccountSubType | Classification
_CHART = """\
33||Accounts Payable (A/P)|Accounts Payable|AccountsPayable|Liability
35||Operating Checking|Bank|Checking|Asset
36||Payroll Checking|Bank|Checking|Asset
41||Company Credit Card|Credit Card|CreditCard|Liability
50||Accounts Receivable (A/R)|Accounts Receivable|AccountsReceivable|Asset
52||Retainage Receivable|Other Current Asset|Retainage|Asset
53||Costs in Excess of Billings|Other Current Asset|OtherCurrentAssets|Asset
54||Construction Equipment|Fixed Asset|MachineryAndEquipment|Asset
60||Retainage Payable|Other Current Liability|OtherCurrentLiabilities|Liability
61||Billings in Excess of Costs|Other Current Liability|OtherCurrentLiabilities|Liability
62||Sales Tax Payable|Other Current Liability|SalesTaxPayable|Liability
70||Contract Revenue|Income|ServiceFeeIncome|Revenue
71||Change Order Revenue|Income|ServiceFeeIncome|Revenue
80||Job Costs|Cost of Goods Sold|CostOfLaborCos|Expense
81|80|Subcontractor Expense|Cost of Goods Sold|CostOfLaborCos|Expense
82|80|Job Materials|Cost of Goods Sold|SuppliesMaterialsCogs|Expense
83|80|Equipment Rental|Cost of Goods Sold|EquipmentRentalCos|Expense
84|80|Permits and Fees|Cost of Goods Sold|OtherCostsOfServiceCos|Expense
90||Office Expense|Expense|OfficeGeneralAdministrativeExpenses|Expense
91||Insurance|Expense|Insurance|Expense
92||Legal and Professional|Expense|LegalProfessionalFees|Expense
95||Owner's Equity|Equity|OwnersEquity|Equity"""

BANK, CREDIT_CARD, PAYABLE, RENT, MATERIALS = "35", "41", "33", "83", "82"


def chart_of_accounts() -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    accounts = []
    for line in _CHART.splitlines():
        identity, parent, name, account_type, detail_type, classification = line.split("|")
        names[identity] = f"{names[parent]}:{name}" if parent else name
        account = entity(
            identity,
            Name=name,
            SubAccount=bool(parent),
            FullyQualifiedName=names[identity],
            Active=True,
            Classification=classification,
            AccountType=account_type,
            AccountSubType=detail_type,
            CurrentBalance=0,
            CurrentBalanceWithSubAccounts=0,
            CurrencyRef=USD,
        )
        accounts.append({**account, "ParentRef": {"value": parent}} if parent else account)
    return accounts


def terms() -> list[dict[str, Any]]:
    return [
        entity(place, Name=name, Active=True, Type="STANDARD", DiscountPercent=0, DueDays=days)
        for place, (name, days) in enumerate(TERM_DAYS.items(), start=1)
    ]


TERM_IDS = {name: str(place) for place, name in enumerate(TERM_DAYS, start=1)}
