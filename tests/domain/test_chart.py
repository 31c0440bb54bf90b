"""The types of the chart of accounts and their spellings (R 4)."""

import pytest

from earned.domain.chart import CATEGORIES, display, parse_code_type
from earned.domain.errors import Invalid


@pytest.mark.parametrize(
    "text",
    ["SalesRevenue", "Sales Revenue", "Revenue: Sales", "Revenue: Sales Revenue", "sales revenue"],
)
def test_sales_revenue_is_read_in_every_spelling(text: str) -> None:
    assert parse_code_type(text) == "SalesRevenue"


def test_the_sales_discount_of_the_seed_is_sales_discounts() -> None:
    assert parse_code_type("Sales Discount") == "SalesDiscounts"


@pytest.mark.parametrize("text", ["", "Sales", "Liabilities: Sales Revenue", "Revenue"])
def test_anything_else_is_refused_with_the_types_that_are_known(text: str) -> None:
    with pytest.raises(Invalid, match=r"'kind' value should be one of: AccountsReceivable, OnAcc"):
        parse_code_type(text, "kind")


@pytest.mark.parametrize(
    ("code_type", "shown"),
    [
        ("SalesRevenue", "Revenue: Sales"),
        ("DeferredRevenue", "Liabilities: Deferred Revenue"),
        ("SalesDiscounts", "Revenue: Sales Discounts"),
        ("CustomerCashOnAccount", "Liabilities: Customer Cash On Account"),
    ],
)
def test_the_display_form_leads_with_the_category(code_type: str, shown: str) -> None:
    assert display(code_type) == shown


@pytest.mark.parametrize("code_type", CATEGORIES)
def test_every_type_is_read_back_from_its_display_form(code_type: str) -> None:
    assert parse_code_type(display(code_type)) == code_type


def test_the_categories_hold_the_nineteen_types_of_the_official_enum() -> None:
    assert len(CATEGORIES) == 19
    assert CATEGORIES["BadDebt"] == "Expenses"
    assert CATEGORIES["ContractLiabilities"] == "Liabilities"
    assert CATEGORIES["AdjustmentRevenue"] == "Revenue"
    assert CATEGORIES["OtherEquity"] == "Equity"
    assert CATEGORIES["OnAccountReceivable"] == "Assets"
