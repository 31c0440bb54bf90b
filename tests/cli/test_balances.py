"""`earned balances` shows what an account has prepaid, and what is left of it."""

from datetime import date

from earned.cli.exits import Exit
from earned.services.credit_fund import CreditFund, credit_fund
from earned.services.expire_funds import expire_through
from tests import builders
from tests.api import Api
from tests.cli.conftest import Earned, answered, complaint, done
from tests.http.test_currency_funds import money_plan
from tests.http.test_pools import metered, pool_plan
from tests.http.test_usage import URL, record


def test_balances_at_a_glance(earned_here: Earned, api: Api) -> None:
    with builders.writing(api) as books:
        customer = builders.account(books)
        plan = builders.prepaid_plan(books, units=10, price=30, overage=2)
        sold = builders.sell(books, customer, plan, start=date(2025, 11, 1), months=4)
        builders.sell(books, customer, pool_plan(books, drawdown_priority=60), metered(books))
    ids = [fund.id for fund in sold.funds]
    charge = sold.charge("Drawdown").original_id
    for day, quantity in (("2025-11-05", 4), ("2025-12-05", 3), ("2026-01-05", 2)):
        api.made(URL, record(ChargeId=charge, Quantity=quantity, StartDateTime=day))
    with builders.writing(api) as books:
        expire_through(books, date(2025, 11, 30))
        credit_fund(books, CreditFund(fund_id=ids[1], day=date(2025, 12, 20), credit_minor=900))

    found = api.found(f"/v1/accounts/{customer.number}/prepaid-balances")

    own, pool = found["balances"]
    assert (own["name"], own["scope"], own["balance"]) == ("A-S00000001_Token", "SUBSCRIPTION", 18)
    assert (pool["name"], pool["scope"], pool["totalFund"]) == ("A00000001_Token", "ACCOUNT", 100)
    shown = ("state", "funded", "drawn", "left", "expired", "credited", "fundingPrice")
    funds = [fund for period in own["validityPeriods"] for fund in period["funds"]]
    assert [tuple(fund[name] for name in shown) for fund in funds] == [
        ("Expired", 10, 4, 0, 6, 0, 30),
        ("Credited", 10, 3, 0, 0, 7, 21),
        ("Active", 10, 2, 8, 0, 0, 30),
        ("Future", 10, 0, 10, 0, 0, 30),
    ]
    assert {fund["originalFundingPrice"] for fund in funds} == {30}
    # The command has the clock of the machine, and knows other days as future.
    same = answered(earned_here("balances", customer.number, "--json"))
    assert [one["totalFund"] for one in same["balances"]] == [40, 100]
    lines = done(earned_here("balances", customer.id)).splitlines()
    place = next(at for at, line in enumerate(lines) if "A-S00000001_Token" in line)
    assert lines[place].split()[1:5] == ["2025-11-01", "to", "2025-11-30", "C-00000001"]


def test_overage_is_shown_with_the_balances(earned_here: Earned, api: Api) -> None:
    with builders.writing(api) as books:
        customer = builders.account(books)
        units = builders.prepaid_plan(books, units=10, price=30, overage=2)
        builders.sell(books, customer, units, money_plan(books, "5", "5"), months=1)
    api.made(URL, record(Quantity=12))
    api.made(URL, record(UOM="Call", Quantity=4))

    overage = answered(earned_here("balances", "A00000001", "--json"))["overage"]

    assert [(one["quantity"], one["amount"]) for one in overage] == [(2, 4), (None, 3)]
    assert overage[0]["serviceEndDate"] == "2026-01-31"
    text = done(earned_here("balances", "A00000001"))
    assert "2 Token" in text
    assert "Exhausted" in text


def test_an_account_without_balances_says_so(earned_here: Earned, api: Api) -> None:
    with builders.writing(api) as books:
        builders.account(books)

    assert done(earned_here("balances", "A00000001")) == (
        "The account A00000001 has no prepaid balances.\n"
    )
    assert "A-0" in complaint(earned_here("balances", "A-0"), Exit.NOT_FOUND)
