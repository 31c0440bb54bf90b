"""Removing and canceling what is prepaid, with each credit option (U 2.11, U 5 #15 to #17)."""

from datetime import date
from typing import Any

import pytest

from earned.domain.errors import RuleBroken
from earned.services.cancel_subscription import CancelSubscription
from earned.services.record_usage import RecordUsage, record_usage
from earned.services.roll_over import roll_over_due
from tests.services.amending import JULY, selling


def test_u_15_time_based(founded_database_url: str) -> None:
    with selling(founded_database_url) as customer:
        customer.use("2022-03-10", 60)
        customer.use("2022-06-30", 30)

        customer.remove(JULY)

        (fund,) = customer.books.funds.list()
        assert fund.credited_minor == 6049
        assert customer.moves()[-1] == ("PREPAYMENT_CREDIT_BACK", -30)
        assert customer.events()[-1] == ("FundCredit", "2022-07-01", 30, -3049)
        assert customer.pending() == [(0, "Processed"), (0, "Processed")]
        assert customer.deferred_minor() == 0


def test_u_15_what_was_drawn_from_the_day_on_is_overage(founded_database_url: str) -> None:
    with selling(founded_database_url) as customer:
        customer.use("2022-06-30", 60)
        customer.use("2022-07-01", 20)
        customer.use("2022-08-05", 10)

        customer.cancel(JULY)

        assert customer.moves()[4:] == [
            ("DRAWDOWN_REVERSAL", 20),
            ("DRAWDOWN_REVERSAL", 10),
            ("PREPAYMENT_CREDIT_BACK", -60),
        ]
        assert customer.pending() == [(0, "Processed"), (20, "Pending"), (10, "Pending")]
        assert customer.overage() == [(20, 3000), (10, 1500)]
        assert customer.latest.status == "Cancelled"


def test_u_16_consumption_based(founded_database_url: str) -> None:
    with selling(founded_database_url, credit_option="ConsumptionBased") as customer:
        customer.use("2022-07-10", 90)

        customer.remove(JULY)

        (fund,) = customer.books.funds.list()
        assert fund.credited_minor == 3000
        assert customer.events()[0] == ("FundCredit", "2022-07-01", 30, 0)
        assert customer.pending() == [(0, "Processed")]
        assert customer.deferred_minor() == 0


def test_u_17_full_credit_back(founded_database_url: str) -> None:
    with selling(founded_database_url, credit_option="FullCreditBack") as customer:
        customer.use("2022-03-10", 60)
        customer.use("2022-06-30", 30)

        customer.cancel(JULY)

        (fund,) = customer.books.funds.list()
        assert fund.credited_minor == 12_000
        assert sum(units * 1.5 for units, _ in customer.pending()) == 135
        assert sum(minor for _, minor in customer.overage()) == 13_500
        assert (
            sum(event[3] or 0 for event in customer.events() if event[0] != "Unbilled Usage") == 0
        )
        assert customer.deferred_minor() == 0


def test_what_was_reversed_is_drawn_from_other_funds_of_its_day(founded_database_url: str) -> None:
    with selling(founded_database_url) as customer:
        customer.use("2022-06-30", 50)
        customer.use("2022-07-20", 5)
        customer.use("2022-07-10", 30)
        customer.top_up(date(2022, 7, 5), 25, 50)

        customer.remove(JULY)

        assert customer.pending() == [(0, "Processed"), (0, "Processed"), (10, "Pending")]
        assert customer.balances() == [0, 0]
        assert customer.moves()[-2:] == [("DRAWDOWN", -5), ("DRAWDOWN", -20)]
        assert customer.overage() == [(10, 1500)]


def test_funds_of_periods_to_come_are_credited_whole(founded_database_url: str) -> None:
    terms: dict[str, Any] = {"units": 10, "price": 30, "period": "MONTH", "billing_period": "Month"}
    with selling(founded_database_url, months=3, **terms) as customer:
        customer.use("2022-02-10", 4)

        customer.cancel(date(2022, 2, 15))

        credited = [
            fund.credited_minor for fund in customer.books.funds.list(order_by=["start_date"])
        ]
        assert credited == [0, 1500, 3000]
        assert customer.balances() == [10, 0, 0]
        ends = {charge.effective_end_date for charge in customer.books.charges.list(is_latest=True)}
        assert ends == {date(2022, 2, 15)}


def test_what_negative_records_gave_back_is_reversed_with_it(founded_database_url: str) -> None:
    with selling(founded_database_url) as customer:
        customer.use("2022-07-10", 30)
        customer.use("2022-07-10", -10)

        customer.cancel(JULY)

        assert customer.overage() == [(20, 3000)]
        assert customer.pending() == [(30, "Pending"), (-10, "Pending")]


def test_late_usage_of_a_day_before_the_end_is_drawn_no_more(founded_database_url: str) -> None:
    with selling(founded_database_url) as customer:
        customer.cancel(JULY)

        customer.use("2022-06-30", 5)
        customer.use("2022-07-01", 7)

        assert customer.pending() == [(5, "Pending")]
        assert customer.overage() == [(5, 750)]


def test_what_comes_back_to_a_credited_fund_is_not_drawn_by_what_is_sent_with_it(
    founded_database_url: str,
) -> None:
    with selling(founded_database_url, credit_option="ConsumptionBased") as customer:
        customer.use("2022-03-10", 90)
        customer.remove(JULY)
        sent = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": "2022-03-10"}

        record_usage(
            customer.books,
            [RecordUsage(fields={**sent, "Quantity": quantity}) for quantity in (-5, 3)],
        )

        # As if one had come after the other: the five have left by the time of the three.
        assert customer.moves()[2:] == [
            ("PREPAYMENT_CREDIT_BACK", -30),
            ("DRAWDOWN_ADJUSTMENT", 5),
            ("PREPAYMENT_CREDIT_BACK", -5),
        ]
        assert customer.pending() == [(0, "Processed"), (0, "Processed"), (3, "Pending")]


def test_only_what_is_billed_is_credited(founded_database_url: str) -> None:
    with selling(founded_database_url, settings={"credit_unbilled_periods": False}) as customer:
        with (
            pytest.raises(RuleBroken, match="from 2022-01-01 to 2022-12-31 of charge C-00000001"),
            customer.books.attempt(),
        ):
            customer.cancel(JULY)
        assert customer.latest.version == 1

        customer.order(CancelSubscription(policy="EndOfCurrentTerm"))

        assert customer.latest.cancelled_date == date(2023, 1, 1)
        assert customer.balances() == [120]


@pytest.mark.parametrize(
    ("option", "credited"),
    [("FullCreditBack", [1200, 1800, 3000]), ("ConsumptionBased", [0, 1800, 3000])],
)
def test_what_has_rolled_is_credited_once(
    founded_database_url: str, option: str, credited: list[int]
) -> None:
    with selling(
        founded_database_url, months=2, units=10, price=30, period="MONTH", billing_period="Month",
        credit_option=option, is_rollover=True, rollover_periods=1, rollover_apply="ApplyFirst",
    ) as customer:  # fmt: skip
        customer.use("2022-01-05", 4)
        account = customer.books.accounts.find(number="A-1")
        assert account
        roll_over_due(customer.books, [account.id], date(2022, 2, 1))

        customer.cancel(date(2022, 1, 20))

        funds = customer.books.funds.list()
        assert sorted(fund.credited_minor for fund in funds) == credited
        assert customer.deferred_minor() == 0
