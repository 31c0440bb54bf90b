"""Renewal, extension, shrinking, and changes of price and quantity (U 2.10, U 5 #1 and #50)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.charge import Tier
from earned.domain.errors import RuleBroken
from earned.domain.subscribing import ChargeOverride
from earned.domain.terms import Length, TriggerDates
from earned.services.change_terms import ChangeTerms, LastTerm
from earned.services.remove_product import NamedPlan
from earned.services.renew_subscription import RenewSubscription
from earned.services.update_product import FIRST_DAY, ChargeUpdate, UpdateProduct
from tests.services.amending import YEAR, Customer, selling

FEB = date(2022, 2, 1)
MONTHLY: dict[str, Any] = {
    "units": 10, "price": 30, "period": "MONTH", "billing_period": "Month",
}  # fmt: skip


def renewing(count: int) -> ChangeTerms:
    return ChangeTerms(renewal_term=Length(count))


def until(end: date | None) -> ChangeTerms:
    kind = "TERMED" if end else "EVERGREEN"
    return ChangeTerms(last_term=LastTerm(term_type=kind, end=end))


def update(customer: Customer, day: date, **changes: Any) -> UpdateProduct:
    """Return the update of the prepayment charge."""
    plan = customer.books.rate_plans.list(subscription_id=customer.latest.id)[0]
    change = ChargeUpdate(override=ChargeOverride(**changes), number="C-00000001")
    return UpdateProduct(plan=NamedPlan(rate_plan_id=plan.id), day=day, updates=[change])


def units(count: int) -> dict[str, Any]:
    return {"terms": {"prepaid_quantity": Decimal(count)}}


def funds(customer: Customer) -> list[tuple[str, int, float, int]]:
    rows = customer.books.funds.list(order_by=["start_date", "id"])
    return [
        (
            str(row.start_date),
            row.charge_segment,
            float(row.funded_balance),
            row.funding_price_minor,
        )
        for row in rows
    ]


def test_u_1_the_ledger_of_a_renewal_and_a_new_quantity(founded_database_url: str) -> None:
    with selling(founded_database_url, months=1, **MONTHLY) as customer:
        customer.order(renewing(1))
        customer.order(RenewSubscription())
        customer.order(update(customer, FEB, **units(15)))
        customer.use("2022-02-03", 3, UniqueKey="K")
        customer.use("2022-02-03", 4, UniqueKey="K")

        running = [float(row.balance) for row in customer.books.transactions.list(order_by=["id"])]
        assert customer.moves() == [
            ("PREPAYMENT", 10),
            ("PREPAYMENT", 10),
            ("PREPAYMENT_ADJUSTMENT", 5),
            ("DRAWDOWN", -3),
            ("DRAWDOWN_ADJUSTMENT", 3),
            ("DRAWDOWN", -4),
        ]
        assert running == [10, 20, 25, 22, 25, 21]
        assert funds(customer) == [("2022-01-01", 1, 10, 3000), ("2022-02-01", 2, 15, 3000)]
        latest = customer.latest
        assert (latest.version, latest.term_start_date, latest.term_end_date) == (
            4, FEB, date(2022, 3, 1),
        )  # fmt: skip


def test_a_new_price_has_a_segment_and_a_schedule_of_the_difference(
    founded_database_url: str,
) -> None:
    with selling(founded_database_url, months=3, **MONTHLY) as customer:
        customer.use("2022-02-03", 4)
        tier = (Tier(currency="USD", price=Decimal(50)),)

        customer.order(update(customer, FEB, tiers=tier))

        assert funds(customer) == [
            ("2022-01-01", 1, 10, 3000),
            ("2022-02-01", 2, 10, 5000),
            ("2022-03-01", 2, 10, 5000),
        ]
        assert customer.events() == [("Daily Rated Usage", "2022-02-03", 4, 2000)]
        (event,) = customer.books.events.list()
        assert (event.charge_segment, str(event.unit_price)) == (2, "5")
        segments = customer.books.charges.list(
            number="C-00000001", is_latest=True, order_by=["segment"]
        )
        assert [(one.effective_start_date, one.effective_end_date) for one in segments] == [
            (YEAR, FEB),
            (FEB, date(2022, 4, 1)),
        ]
        february = customer.books.funds.find(start_date=FEB)
        assert february is not None
        further = customer.books.schedules.list(credited_fund_id=february.id)
        assert [one.amount_minor for one in further] == [2000]
        assert customer.deferred_minor() == 3000 + 5000 + 5000 - 2000


def test_fewer_units_than_were_drawn_make_overage_of_what_came_last(
    founded_database_url: str,
) -> None:
    with selling(founded_database_url, months=3, **MONTHLY) as customer:
        for quantity in (3, 4, 2):
            customer.use("2022-02-03", quantity)

        customer.order(update(customer, FEB, **units(5)))

        assert customer.balances() == [10, 0, 5]
        assert customer.pending() == [(0, "Processed"), (2, "Pending"), (2, "Pending")]
        assert customer.overage() == [(4, 600)]


def test_a_day_gives_back_no_more_than_negative_records_left_of_it(
    founded_database_url: str,
) -> None:
    with selling(founded_database_url, months=3, **MONTHLY) as customer:
        for day, quantity in (("2022-02-02", 7), ("2022-02-03", 2), ("2022-02-03", -2)):
            customer.use(day, quantity)

        # The two of the third are back already: the first have to make room.
        customer.order(update(customer, FEB, **units(3)))

        assert customer.balances() == [10, 0, 3]
        assert customer.pending() == [(4, "Pending"), (0, "Processed"), (0, "Processed")]
        assert customer.overage() == [(4, 600)]
        days = customer.books.consumption.list(order_by=["transaction_date"])
        assert [int(row.quantity) for row in days if row.fund_id] == [3, 0]


def test_only_the_first_day_of_a_validity_period_will_do(founded_database_url: str) -> None:
    with selling(founded_database_url, months=3, **MONTHLY) as customer:
        for day in (date(2022, 2, 2), date(2022, 1, 31)):
            with pytest.raises(RuleBroken, match=FIRST_DAY), customer.books.attempt():
                customer.order(update(customer, day, **units(15)))
        with pytest.raises(RuleBroken, match="not in the current term"), customer.books.attempt():
            customer.order(update(customer, date(2022, 4, 1), **units(15)))


def test_u_50_a_renewal_that_is_not_whole_validity_periods(founded_database_url: str) -> None:
    with selling(
        founded_database_url, months=6, period="QUARTER", billing_period="Quarter"
    ) as customer:
        with pytest.raises(RuleBroken) as told, customer.books.attempt():
            customer.order(renewing(4), RenewSubscription())

        assert str(told.value) == (
            "Invalid validity periods in Charge C-00000001. "
            "The validity periods must be evenly distributed over the subscription term."
        )


def test_a_term_is_extended_by_whole_validity_periods(founded_database_url: str) -> None:
    with selling(founded_database_url, months=2, **MONTHLY) as customer:
        with pytest.raises(RuleBroken, match="Invalid validity periods"), customer.books.attempt():
            customer.order(until(date(2022, 4, 15)))

        customer.order(until(date(2022, 5, 1)))

        assert customer.balances() == [10] * 4
        assert {one.effective_end_date for one in customer.books.charges.list(is_latest=True)} == {
            date(2022, 5, 1)
        }


def test_a_shorter_term_credits_what_was_prepaid_beyond_it(founded_database_url: str) -> None:
    with selling(founded_database_url, months=3, **MONTHLY) as customer:
        customer.order(until(date(2022, 2, 15)))

        rows = customer.books.funds.list(order_by=["start_date"])
        assert [row.credited_minor for row in rows] == [0, 1500, 3000]
        assert customer.latest.status == "Active"


def test_a_subscription_goes_on_without_an_end_and_gets_one_again(
    founded_database_url: str,
) -> None:
    with selling(founded_database_url, months=2, **MONTHLY) as customer:
        customer.order(until(None))
        ends = {one.effective_end_date for one in customer.books.charges.list(is_latest=True)}
        assert (ends, customer.latest.term_type) == ({None}, "EVERGREEN")
        # The clock of the tests is in January 2026: funds reach to the end of the next month.
        assert len(customer.balances()) == 12 * 4 + 2

        customer.order(until(date(2022, 4, 1)))

        left = [fund for fund in customer.books.funds.list() if not fund.done]
        assert len(left) == 3


def test_a_term_begins_on_another_day_until_it_is_drawn_from(founded_database_url: str) -> None:
    with selling(founded_database_url, months=2, **MONTHLY) as customer:
        later = date(2022, 1, 11)
        last = LastTerm(term_type="TERMED", start=later, length=Length(2))
        with pytest.raises(RuleBroken, match="the three trigger dates"), customer.books.attempt():
            customer.order(ChangeTerms(last_term=last))

        customer.order(ChangeTerms(last_term=last, triggers=TriggerDates.of(later)))

        rows = customer.books.funds.list(credited_on=None, order_by=["start_date"])
        assert [(row.start_date, row.end_date) for row in rows] == [
            (later, date(2022, 2, 11)),
            (date(2022, 2, 11), date(2022, 3, 11)),
        ]
        assert customer.latest.contract_effective_date == later
        assert customer.deferred_minor() == 6000

        customer.use("2022-01-11", 1)
        again = ChangeTerms(
            last_term=LastTerm(term_type="TERMED", start=YEAR, length=Length(2)),
            triggers=TriggerDates.of(YEAR),
        )
        with pytest.raises(RuleBroken, match="have been drawn from"), customer.books.attempt():
            customer.order(again)


def test_auto_renewal_and_renewal_to_evergreen(founded_database_url: str) -> None:
    with selling(founded_database_url, months=1, **MONTHLY) as customer:
        customer.order(ChangeTerms(auto_renew=True, renewal_setting="RENEW_TO_EVERGREEN"))
        customer.order(RenewSubscription())

        latest = customer.latest
        assert latest.auto_renew
        assert (latest.term_type, latest.term_end_date) == ("EVERGREEN", None)
        with pytest.raises(RuleBroken, match="not renewed"), customer.books.attempt():
            customer.order(RenewSubscription())


def test_what_was_removed_is_not_renewed(founded_database_url: str) -> None:
    with selling(founded_database_url, months=1, **MONTHLY) as customer:
        customer.order(renewing(1))
        customer.remove(date(2022, 1, 20))

        customer.order(RenewSubscription())

        assert len(customer.balances()) == 1
