"""Deleting an order undoes what it did (U 1.9, U 5 #51)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.charge import Tier
from earned.domain.errors import NotFound, RuleBroken
from earned.domain.subscribing import ChargeOverride
from earned.domain.terms import Length, TriggerDates
from earned.services.add_product import AddProduct
from earned.services.add_rate_plans import ChosenPlan
from earned.services.change_terms import ChangeTerms
from earned.services.collect_revenue import collect_revenue
from earned.services.delete_order import DeleteOrder, delete_order
from earned.services.expire_funds import expire_through
from earned.services.place_order import Placed
from earned.services.remove_product import NamedPlan
from earned.services.renew_subscription import RenewSubscription
from earned.services.roll_over import roll_over_due
from earned.services.update_product import ChargeUpdate, UpdateProduct
from tests import builders
from tests.api import keeping
from tests.http.test_currency_funds import money_plan, top_up_money
from tests.periods import define_months
from tests.services.amending import JULY, YEAR, Customer, selling, ties_out

MONTHLY: dict[str, Any] = {
    "units": 10, "price": 30, "period": "MONTH", "billing_period": "Month",
}  # fmt: skip


def undo(customer: Customer, placed: Placed) -> None:
    delete_order(customer.books, DeleteOrder(number=placed.order.number))


def as_it_was(customer: Customer) -> tuple[object, ...]:
    """Return what an order and its undoing must leave as it was."""
    funds = customer.books.funds.list(credited_on=None, order_by=["start_date", "id"])
    return (
        [(one.id, one.funded_balance, one.funding_price_minor, one.balance) for one in funds],
        customer.pending(),
        [event for event in customer.events() if event[2] and event[3]],
        [rated for rated in customer.overage() if rated[0]],
        [
            (one.number, one.segment, one.effective_start_date, one.effective_end_date)
            for one in customer.books.charges.list(is_latest=True, order_by=["number", "segment"])
            if len(one.days)
        ],
        customer.deferred_minor(),
        customer.latest,
    )


def test_u_51_what_was_credited_comes_back(founded_database_url: str) -> None:
    with selling(founded_database_url) as customer:
        customer.use("2022-03-10", 90)
        before = as_it_was(customer)
        canceled = customer.cancel(JULY)
        assert customer.moves()[-1] == ("PREPAYMENT_CREDIT_BACK", -30)

        undo(customer, canceled)

        assert customer.moves()[-1] == ("PREPAYMENT_CREDIT_BACK_REVERSAL", 30)
        assert customer.balances() == [30]
        assert as_it_was(customer)[:-1] == before[:-1]
        assert (customer.latest.version, customer.latest.status) == (1, "Active")
        with pytest.raises(NotFound):
            undo(customer, canceled)


def test_what_came_back_to_a_credited_fund_expires_where_that_had_expired(
    founded_database_url: str,
) -> None:
    with selling(founded_database_url, credit_option="ConsumptionBased") as customer:
        customer.use("2022-03-10", 90, UniqueKey="K")
        expire_through(customer.books, date(2022, 12, 31))
        canceled = customer.cancel(JULY)
        customer.use("2022-03-10", 20, UniqueKey="K")

        undo(customer, canceled)

        # The 20 were drawn no more from what was credited; all of the 120 have expired now.
        assert customer.balances() == [0]
        assert [event[1:] for event in customer.events() if event[0] == "Fund Expiry"] == [
            ("2022-12-31", 120, 12000)
        ]
        assert customer.pending() == [(20, "Pending")]


@pytest.mark.parametrize("option", ["TimeBased", "FullCreditBack"])
def test_what_was_reversed_is_drawn_again_where_it_was(
    founded_database_url: str, option: str
) -> None:
    with selling(founded_database_url, credit_option=option) as customer:
        customer.use("2022-06-30", 50)
        customer.use("2022-07-20", 80)
        customer.top_up(date(2022, 7, 1), 25, 50)
        customer.use("2022-07-10", 5)
        before = as_it_was(customer)
        assert customer.balances() == [0, 20]
        removed = customer.remove(JULY)
        assert customer.balances() == [0, 0]
        collect_revenue(customer.books)

        undo(customer, removed)

        assert as_it_was(customer)[:-1] == before[:-1]


def test_what_an_order_had_drawn_elsewhere_stays_drawn(founded_database_url: str) -> None:
    with selling(founded_database_url) as customer:
        customer.use("2022-07-10", 150)
        customer.top_up(JULY, 200, 200)
        removed = customer.remove(JULY)
        assert customer.balances() == [0, 50]

        # All 150 were drawn by then, where only 120 had been before.
        undo(customer, removed)

        assert customer.balances() == [0, 170]
        assert customer.pending() == [(0, "Processed")]


def test_money_pays_for_what_it_paid_for_before(founded_database_url: str) -> None:
    with keeping(founded_database_url) as keeper, builders.writing(keeper) as books:
        books.change_settings({"credit_unbilled_periods": True})
        define_months(books, 2022, 1, 2)
        plan = money_plan(books, "50", "50")
        sold = builders.sell(
            books, builders.account(books, number="A-1"), plan, start=YEAR, months=1
        )
        customer = Customer(books, sold)
        customer.use("2022-01-10", 30, UOM="Call")
        top_up_money(books, sold, 20, YEAR)
        before = as_it_was(customer)

        # Of 60.00 the first fund had 50.00; the rest waits, and is not paid by the other.
        undo(customer, customer.cancel(date(2022, 1, 5)))

        assert customer.balances() == [0, 20]
        assert as_it_was(customer) == before
        ties_out(customer)


def test_funds_that_an_order_made_are_taken_back(founded_database_url: str) -> None:
    with selling(founded_database_url, months=1, **MONTHLY) as customer:
        customer.order(ChangeTerms(renewal_term=Length(1)))
        customer.use("2022-01-05", 12)
        before = as_it_was(customer)
        renewed = customer.order(RenewSubscription())
        customer.use("2022-02-05", 4)

        undo(customer, renewed)

        assert customer.balances() == [0, 0]
        assert customer.moves()[-2:] == [
            ("DRAWDOWN_REVERSAL", 4),
            ("PREPAYMENT_CREDIT_BACK", -10),
        ]
        assert customer.overage() == [(2, 300), (4, 600)]
        assert as_it_was(customer)[4] == before[4]
        assert customer.deferred_minor() == 0

        customer.order(RenewSubscription())
        assert customer.balances() == [0, 0, 10]


def test_nothing_rolls_into_a_term_that_was_undone(founded_database_url: str) -> None:
    with selling(
        founded_database_url, months=1, is_rollover=True, rollover_periods=1,
        rollover_apply="ApplyFirst", **MONTHLY,
    ) as customer:  # fmt: skip
        customer.order(ChangeTerms(renewal_term=Length(1)))
        undo(customer, customer.order(RenewSubscription()))

        february = date(2022, 2, 1)
        rolled = roll_over_due(customer.books, [customer.latest.invoice_owner_id], february)

        assert rolled.funds == 0
        assert customer.balances() == [10, 0]
        assert expire_through(customer.books, date(2022, 1, 31)).funds == 1


def test_units_and_prices_are_what_they_were(founded_database_url: str) -> None:
    with selling(founded_database_url, months=3, **MONTHLY) as customer:
        for quantity in (3, 4, 2):
            customer.use("2022-02-03", quantity)
        before = as_it_was(customer)
        plan = customer.books.rate_plans.list(subscription_id=customer.latest.id)[0]
        override = ChargeOverride(
            terms={"prepaid_quantity": Decimal(5)},
            tiers=(Tier(currency="USD", price=Decimal(40)),),
        )
        change = ChargeUpdate(override=override, number="C-00000001")
        update = UpdateProduct(
            plan=NamedPlan(rate_plan_id=plan.id), day=date(2022, 2, 1), updates=[change]
        )
        updated = customer.order(update)
        assert customer.pending()[1:] == [(2, "Pending"), (2, "Pending")]

        undo(customer, updated)

        assert as_it_was(customer)[:-1] == before[:-1]
        again = customer.order(update)
        segments = customer.books.charges.list(number="C-00000001", is_latest=True)
        assert sorted(one.segment for one in segments) == [1, 2, 3]
        assert again.subscriptions[0].version == 3


def test_the_first_order_goes_with_its_subscription(founded_database_url: str) -> None:
    with selling(founded_database_url) as customer:
        plan = builders.rate_plan(customer.books, "Extra")
        builders.prepayment_charge(
            customer.books, plan, units=7, price=70, period="ANNUAL", billing_period="Annual"
        )
        customer.use("2022-01-02", 121)
        choice = ChosenPlan(product_rate_plan_id=plan.id)
        added = customer.order(AddProduct(triggers=TriggerDates.of(YEAR), rate_plan=choice))
        customer.use("2022-01-03", 5)
        assert customer.pending() == [(1, "Pending"), (0, "Processed")]

        undo(customer, added)

        assert customer.pending() == [(1, "Pending"), (5, "Pending")]
        assert len(customer.books.charges.list(subscription_id=customer.latest.id)) == 2


def test_only_the_latest_order_is_deleted_and_only_what_nothing_hangs_on(
    founded_database_url: str,
) -> None:
    with selling(founded_database_url) as customer:
        plan = builders.rate_plan(customer.books, "Metered")
        builders.drawdown_charge(customer.books, plan, price=1)
        choice = ChosenPlan(product_rate_plan_id=plan.id)
        added = customer.order(AddProduct(triggers=TriggerDates.of(YEAR), rate_plan=choice))
        customer.use("2022-01-03", 5)
        with pytest.raises(RuleBroken, match="Usage was recorded for charge C-00000003"):
            undo(customer, added)
        canceled = customer.cancel(JULY)
        with pytest.raises(RuleBroken, match="is not the latest one of subscription"):
            undo(customer, added)

        undo(customer, canceled)
