"""The chart of accounts: which types an accounting code may have, and how they are spelled (R 4).

A type has three spellings on the wire: `SalesRevenue` (accounting codes), `Sales Revenue` (requests
for revenue schedules) and `Revenue: Sales` (answers about them). The first is the one that is kept.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from earned.domain.errors import Invalid

ACCOUNTS_RECEIVABLE = "AccountsReceivable"
UNBILLED_RECEIVABLES = "UnbilledReceivables"

_TYPES = {
    "Assets": "AccountsReceivable OnAccountReceivable Cash OtherAssets UnbilledReceivables "
    "ContractAssets",
    "Liabilities": "CustomerCashOnAccount DeferredRevenue SalesTaxPayable OtherLiabilities "
    "ContractLiabilities AdjustmentLiabilities",
    "Revenue": "SalesRevenue SalesDiscounts OtherRevenue AdjustmentRevenue",
    "Equity": "OtherEquity",
    "Expenses": "BadDebt OtherExpenses",
}

CATEGORIES: Mapping[str, str] = MappingProxyType(
    {code_type: category for category, types in _TYPES.items() for code_type in types.split()}
)
"""The category of each type, in the order of the official enum."""


def parse_code_type(text: str, field: str = "type") -> str:
    """Return the type that `text` spells, in any of the three ways. Raises `Invalid`.

    Case and spaces do not matter, and the seed's `Sales Discount` is `SalesDiscounts`.
    """
    known = _SPELLINGS.get(_key(text))
    if known is None:
        raise Invalid(f"'{field}' value should be one of: {', '.join(CATEGORIES)}", field=field)
    return known


def display(code_type: str) -> str:
    """Return the form that answers about revenue schedules print: `Revenue: Sales`."""
    category, words = CATEGORIES[code_type], _words(code_type)
    if category == "Revenue":
        words = words.removesuffix(" Revenue")
    return f"{category}: {words}"


def _words(code_type: str) -> str:
    """Return `Sales Revenue` for `SalesRevenue`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", code_type)


def _key(text: str) -> str:
    return "".join(text.split()).casefold()


def _spellings() -> Mapping[str, str]:
    spellings = {_key("Sales Discount"): "SalesDiscounts"}
    for code_type, category in CATEGORIES.items():
        for text in (code_type, display(code_type), f"{category}: {code_type}"):
            spellings[_key(text)] = code_type
    return spellings


_SPELLINGS = _spellings()
