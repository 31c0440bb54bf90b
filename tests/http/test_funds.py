"""Funds: created with the subscription, exact to the unit and the cent (U 2.1 to 2.4)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earned.domain.errors import Invalid, RuleBroken
from earned.domain.exact import add
from earned.services.activate_funds import roll_on
from earned.services.ports import Books
from tests import builders
from tests.api import Api
from tests.builders import Sold, writing


def top_up_plan(books: Books, **changes: Any) -> Any:
    """Make a plan with a one-time top-up of 1 unit for 3 USD."""
    plan = builders.rate_plan(books, "Top-up")
    facts = {"name": "Top-up", "charge_type": "OneTime", "units": 1, "price": 3}
    builders.prepayment_charge(books, plan, **{**facts, **changes})
    return plan


def assert_conserved(books: Books, sold: Sold) -> None:
    """Check that balances, periods, funds and ledger tell one story."""
    for balance in sold.balances:
        funds = [fund for fund in sold.funds if fund.prepaid_balance_id == balance.id]
        ledger = books.transactions.list(prepaid_balance_id=balance.id, order_by=["id"])
        periods = books.validity_periods.list(prepaid_balance_id=balance.id)
        assert balance.total_fund == total(fund.funded_balance for fund in funds)
        assert balance.balance == total(fund.balance for fund in funds)
        assert balance.balance == total(row.amount for row in ledger)
        assert balance.balance == ledger[-1].balance
        assert balance.total_fund == total(period.total_balance for period in periods)
        assert balance.balance == total(period.remaining_balance for period in periods)
        for fund in funds:
            (row,) = [row for row in ledger if row.fund_id == fund.id]
            (schedule,) = books.schedules.list(fund_id=fund.id)
            assert (row.sequence, row.amount) == (1, fund.funded_balance)
            assert schedule.amount_minor == fund.funding_price_minor


def total(values: Any) -> Decimal:
    result = Decimal(0)
    for value in values:
        result = add(result, value)
    return result


def test_activation_funds_every_validity_period_of_the_term(api: Api) -> None:
    with writing(api) as books:
        sold = builders.sell(books, builders.account(books), builders.prepaid_plan(books), months=3)

        (balance,) = sold.balances
        assert balance.name == "A-S00000001_Token"
        assert balance.total_fund == balance.balance == 300_000
        assert (balance.start_date, balance.end_date) == (date(2026, 1, 1), date(2026, 4, 1))
        assert balance.state == "ACTIVE"
        days = [(fund.start_date, fund.end_date) for fund in sold.funds]
        assert days == [
            (date(2026, 1, 1), date(2026, 2, 1)),
            (date(2026, 2, 1), date(2026, 3, 1)),
            (date(2026, 3, 1), date(2026, 4, 1)),
        ]
        for fund in sold.funds:
            assert fund.funded_balance == fund.balance == 100_000
            assert (fund.funding_price_minor, fund.currency) == (100_000, "USD")
            assert fund.priority == 50
            assert fund.transaction_count == 1
            assert fund.source_id == sold.charge("Prepayment").original_id
            assert (fund.charge_number, fund.charge_segment) == ("C-00000001", 1)
        assert_conserved(books, sold)


def test_the_ledger_of_a_new_fund_is_one_prepayment(api: Api) -> None:
    with writing(api) as books:
        sold = builders.sell(books, builders.account(books), builders.prepaid_plan(books), months=2)

        rows = books.transactions.list(order_by=["id"])
        assert [row.transaction_type for row in rows] == ["PREPAYMENT", "PREPAYMENT"]
        assert [row.source_type for row in rows] == ["CHARGE", "CHARGE"]
        assert {row.source_id for row in rows} == {sold.charge("Prepayment").original_id}
        assert [row.transaction_date for row in rows] == [date(2026, 1, 1), date(2026, 2, 1)]
        assert [row.balance for row in rows] == [100_000, 200_000]


def test_u_2_an_annual_charge_of_1000_minutes_for_100_is_one_fund(api: Api) -> None:
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(
            books,
            plan,
            uom="Minute",
            units=1000,
            price=100,
            period="ANNUAL",
            billing_period="Annual",
        )
        sold = builders.sell(books, builders.account(books), plan, start=date(2022, 1, 1))

        (fund,) = sold.funds
        assert fund.funded_balance == 1000
        assert fund.funding_price_minor == 10_000
        assert (fund.start_date, fund.end_date) == (date(2022, 1, 1), date(2023, 1, 1))


def test_u_7_a_one_time_top_up_lives_to_the_end_of_its_month(api: Api) -> None:
    with writing(api) as books:
        plan = builders.prepaid_plan(books, uom="Million calls", units=10, price=20)
        first = builders.sell(books, builders.account(books), plan)
        top_up = top_up_plan(books, uom="Million calls")

        sold = builders.add(books, first.subscription, top_up, date(2026, 1, 15))

        (balance,) = sold.balances
        assert balance.version == 2
        assert balance.total_fund == 121
        (fund,) = [fund for fund in sold.funds if fund.charge_number == "C-00000003"]
        assert (fund.start_date, fund.end_date) == (date(2026, 1, 15), date(2026, 2, 1))
        assert fund.funded_balance == 1
        assert fund.funding_price_minor == 300
        periods = books.validity_periods.list(order_by=["start_date"])
        assert len(periods) == 12
        assert periods[0].total_balance == periods[0].remaining_balance == 11
        assert periods[1].total_balance == periods[1].remaining_balance == 10
        assert fund.validity_period_summary_id == periods[0].id
        assert_conserved(books, sold)


def test_u_13_five_months_of_100_units_for_10_are_five_funds(api: Api) -> None:
    with writing(api) as books:
        plan = builders.prepaid_plan(books, units=100, price=10)
        sold = builders.sell(books, builders.account(books), plan, start=date(2025, 1, 1), months=5)

        assert [(int(f.funded_balance), f.funding_price_minor) for f in sold.funds] == [
            (100, 1000)
        ] * 5


def test_u_19_ten_dollars_a_quarter_billed_monthly_fund_ten_dollars(api: Api) -> None:
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(
            books, plan, price=10, period="QUARTER", list_price_base="Per_Validity_Period"
        )
        sold = builders.sell(books, builders.account(books), plan)

        assert [fund.funding_price_minor for fund in sold.funds] == [1000] * 4


def test_u_2_2_a_recurring_charge_added_within_a_period_is_not_prorated(api: Api) -> None:
    with writing(api) as books:
        plan = builders.prepaid_plan(books, units=100, price=10)
        more = builders.rate_plan(books, "More")
        builders.prepayment_charge(books, more, units=50, price=4, name="More")
        first = builders.sell(books, builders.account(books), plan, months=3)

        sold = builders.add(books, first.subscription, more, date(2026, 2, 10))

        added = [fund for fund in sold.funds if fund.charge_number == "C-00000003"]
        assert [(f.start_date, f.end_date, f.funding_price_minor) for f in added] == [
            (date(2026, 2, 10), date(2026, 3, 1), 400),
            (date(2026, 3, 1), date(2026, 4, 1), 400),
        ]
        assert [int(fund.funded_balance) for fund in added] == [50, 50]
        assert sold.balances[0].balance == 400
        assert_conserved(books, sold)


def test_u_2_3_fourteen_months_annual_aligned_to_the_end_make_two_funds(api: Api) -> None:
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(
            books,
            plan,
            period="ANNUAL",
            billing_period="Annual",
            bill_cycle_type="TermEndDay",
            billing_period_alignment="AlignToTermEnd",
        )
        sold = builders.sell(
            books, builders.account(books), plan, start=date(2022, 11, 1), months=14
        )

        assert [(fund.start_date, fund.end_date) for fund in sold.funds] == [
            (date(2022, 11, 1), date(2023, 1, 1)),
            (date(2023, 1, 1), date(2024, 1, 1)),
        ]


def test_a_prepayment_without_a_drawdown_charge_is_allowed(api: Api) -> None:
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(books, plan)

        assert len(builders.sell(books, builders.account(books), plan).funds) == 12


def test_each_unit_of_a_subscription_has_a_balance_of_its_own(api: Api) -> None:
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(books, plan, uom="Token", units=1)
        builders.prepayment_charge(books, plan, uom="Call", units=2, period="QUARTER")
        sold = builders.sell(books, builders.account(books), plan)

        names = sorted((balance.name, int(balance.balance)) for balance in sold.balances)
        assert names == [("A-S00000001_Call", 8), ("A-S00000001_Token", 12)]
        assert_conserved(books, sold)


def test_an_evergreen_subscription_rolls_on_one_period_ahead(api: Api) -> None:
    with writing(api) as books:
        plan = builders.prepaid_plan(books, units=100, price=10)
        sold = builders.sell(books, builders.account(books), plan, months=None)
        assert [fund.start_date for fund in sold.funds] == [date(2026, 1, 1), date(2026, 2, 1)]
        assert not roll_on(books, sold.subscription)

    api.clock.now = datetime(2026, 2, 1, 12, tzinfo=UTC)
    with writing(api) as books:
        assert [fund.start_date for fund in roll_on(books, sold.subscription)] == [date(2026, 3, 1)]
        assert not roll_on(books, sold.subscription)
        after = builders.sold(books, sold.subscription)
        assert after.balances[0].end_date == date(2026, 4, 1)
        assert after.balances[0].balance == 300
        assert after.balances[0].version == 2
        assert_conserved(books, after)


def test_rolling_on_a_termed_subscription_does_nothing(api: Api) -> None:
    with writing(api) as books:
        sold = builders.sell(books, builders.account(books), builders.prepaid_plan(books), months=1)
        assert not roll_on(books, sold.subscription)


def test_units_are_rounded_to_their_unit_of_measure(api: Api) -> None:
    with writing(api) as books:
        builders.unit(books, "Hour", decimal_places=1, rounding_mode="Down")
        plan = builders.prepaid_plan(books, uom="Hour", units="12.37")
        sold = builders.sell(books, builders.account(books), plan, months=1)
        assert sold.funds[0].funded_balance == Decimal("12.3")

        nothing = builders.prepaid_plan(books, uom="Hour", units="0.04")
        with pytest.raises(Invalid, match="'prepaidQuantity' value is invalid"):
            builders.sell(books, builders.account(books), nothing, months=1)


UNDIVIDED = (
    "The current term of Charge C-00000001 cannot be divided into successive validity periods."
)
UNEVEN = (
    "Invalid validity periods in Charge C-00000001. "
    "The validity periods must be evenly distributed over the subscription term."
)
UNBILLABLE = (
    "Validity period ( 1 months) must be equal to or multiple times of "
    "the billing period ( 3 months)."
)
MIXED = "All prepayment charges in a prepaid balance must have the same validity period type."


@pytest.mark.parametrize(
    ("period", "charge", "order", "message"),
    [
        ("ANNUAL", {"billing_period": "Annual"}, {"initialTerm": 3}, UNDIVIDED),
        ("QUARTER", {}, {"termStartDate": "2025-12-01", "initialTerm": 12}, UNDIVIDED),
        ("MONTH", {"billing_period": "Quarter"}, {"initialTerm": 12}, UNBILLABLE),
        ("QUARTER", {}, {"initialTerm": 6, "renewalTerm": 4}, UNEVEN),
    ],
)
def test_u_50_orders_with_impossible_validity_periods_are_refused(
    api: Api, period: str, charge: dict[str, Any], order: dict[str, Any], message: str
) -> None:
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(books, plan, period=period, **charge)
        body = {
            "accountKey": builders.account(books).number,
            "contractEffectiveDate": "2026-01-01",
            "termType": "TERMED",
            "subscribeToRatePlans": [{"productRatePlanId": plan.id}],
            **order,
        }

    response = api.post("/v1/subscriptions", body)

    assert response.json()["reasons"] == [{"code": 53100330, "message": message}]
    with writing(api) as books:
        assert books.subscriptions.count() == books.funds.count() == 0


def test_u_50_one_balance_has_one_validity_period_type(api: Api) -> None:
    with writing(api) as books:
        first = builders.sell(books, builders.account(books), builders.prepaid_plan(books))
        quarterly = top_up_plan(books, period="QUARTER")

        with pytest.raises(RuleBroken) as refusal:
            builders.add(books, first.subscription, quarterly, date(2026, 1, 15))
        assert str(refusal.value) == MIXED


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    units=st.decimals("0.01", "99999.99", places=2),
    price=st.decimals(0, "9999.9999", places=4),
    period=st.sampled_from([("MONTH", 1), ("QUARTER", 3), ("SEMI_ANNUAL", 6)]),
    count=st.integers(1, 4),
    tops=st.lists(st.tuples(st.integers(0, 27), st.integers(1, 500)), max_size=3),
)
def test_whatever_is_sold_and_added_the_books_tie_out(
    api: Api,
    units: Decimal,
    price: Decimal,
    period: tuple[str, int],
    count: int,
    tops: list[tuple[int, int]],
) -> None:
    kind, months = period
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(
            books, plan, units=str(units), price=str(price), period=kind, billing_period="Month"
        )
        sold = builders.sell(books, builders.account(books), plan, months=months * count)
        for day, amount in tops:
            added = top_up_plan(books, units=amount, period=kind)
            on = date(2026, 1, 1 + day)
            sold = builders.add(books, sold.subscription, added, on)

        assert len(sold.funds) == count + len(tops)
        assert sold.balances[0].version == 1 + len(tops)
        assert_conserved(books, sold)
