"""A subscription that orders change: 120 units for 120.00 USD a year, beyond them 1.50 each."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from earned.domain.subscription import Subscription
from earned.services.audit_books import audit_books
from earned.services.cancel_subscription import SPECIFIC_DATE, CancelSubscription
from earned.services.collect_revenue import collect_revenue
from earned.services.place_order import (
    OrderAction,
    Placed,
    PlaceOrder,
    SubscriptionOrder,
    place_order,
)
from earned.services.ports import Books
from earned.services.record_usage import RecordUsage, record_usage
from earned.services.regenerate_consumption import (
    RegenerateConsumption,
    Regenerated,
    rebuild_consumption,
    restore_consumption,
)
from earned.services.remove_product import NamedPlan, RemoveProduct
from tests import builders
from tests.api import keeping
from tests.builders import Sold
from tests.periods import define_months

YEAR, JULY = date(2022, 1, 1), date(2022, 7, 1)
DEFERRED = "Open-Ended"


@dataclass
class Customer:
    """A customer's subscription, and what is told of it."""

    books: Books
    sold: Sold

    @property
    def latest(self) -> Subscription:
        found = self.books.subscriptions.find(number=self.sold.subscription.number, is_latest=True)
        assert found
        return found

    def order(self, *actions: OrderAction, day: date = YEAR) -> Placed:
        item = SubscriptionOrder(actions=actions, number=self.sold.subscription.number)
        command = PlaceOrder(order_date=day, subscriptions=[item], existing_account_number="A-1")
        return place_order(self.books, command)

    def cancel(self, day: date = JULY) -> Placed:
        return self.order(CancelSubscription(policy=SPECIFIC_DATE, day=day), day=day)

    def remove(self, day: date = JULY, place: int = 0) -> Placed:
        plans = self.books.rate_plans.list(subscription_id=self.latest.id, order_by=["original_id"])
        plan = NamedPlan(rate_plan_id=plans[place].id)
        return self.order(RemoveProduct(plan=plan, day=day), day=day)

    def use(self, day: str, quantity: int | str, **more: str) -> None:
        fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": day, **more}
        record_usage(self.books, [RecordUsage(fields={**fields, "Quantity": quantity})])

    def top_up(self, day: date, units: int, price: int, period: str = "ANNUAL") -> None:
        plan = builders.rate_plan(self.books, "Top-up")
        builders.prepayment_charge(
            self.books, plan, units=units, price=price, period=period,
            charge_type="OneTime", billing_period=None,
        )  # fmt: skip
        builders.add(self.books, self.sold.subscription, plan, on=day)

    def moves(self) -> list[tuple[str, float]]:
        """Return the ledger, oldest first."""
        rows = self.books.transactions.list(order_by=["id"])
        return [(row.transaction_type.value, float(row.amount)) for row in rows]

    def balances(self) -> list[float]:
        """Return what is left in each fund, in the order of their days."""
        funds = self.books.funds.list(order_by=["start_date", "id"])
        return [float(fund.balance) for fund in funds]

    def events(self) -> list[tuple[str, str, float, int | None]]:
        """Return the revenue events: kind, day, units, minor units."""
        rows = self.books.events.list(order_by=["transaction_date", "id"])
        return [
            (row.event_type.value, str(row.transaction_date), float(row.quantity), row.amount_minor)
            for row in rows
        ]

    def overage(self) -> list[tuple[float, int]]:
        """Return what is rated: units and minor units of each service period."""
        rows = self.books.rating_results.list(order_by=["service_start_date"])
        return [(float(row.quantity), row.amount_minor) for row in rows]

    def pending(self) -> list[tuple[float, str]]:
        """Return the rest and the status of each guided usage, in the order it was recorded."""
        rows = self.books.guided_usage.list(deleted=False, order_by=["id"])
        return [(float(row.remaining_quantity), row.status) for row in rows]

    def deferred_minor(self) -> int:
        """Return what all schedules of funds have in Open-Ended, after collecting."""
        collect_revenue(self.books)
        period = self.books.periods.find(name=DEFERRED)
        assert period
        funded = [row.id for row in self.books.schedules.list() if row.rating_result_id is None]
        return sum(
            item.amount_minor
            for item in self.books.items.list(schedule_id=funded, period_id=period.id)
        )


@contextmanager
def selling(
    database_url: str,
    months: int = 12,
    *,
    start: date = YEAR,
    settings: dict[str, Any] | None = None,
    **terms: Any,
) -> Iterator[Customer]:
    """Lend books of 2022 with the customer; in the end they tie out."""
    with keeping(database_url) as keeper, builders.writing(keeper) as books:
        books.change_settings(settings or {"credit_unbilled_periods": True})
        define_months(books, 2022, *range(1, 13))
        plan = builders.rate_plan(books)
        facts: dict[str, Any] = {
            "units": 120, "price": 120, "period": "ANNUAL", "billing_period": "Annual", **terms,
        }  # fmt: skip
        builders.prepayment_charge(books, plan, **facts)
        builders.drawdown_charge(books, plan, price="1.5")
        account = builders.account(books, number="A-1")
        sold = builders.sell(books, account, plan, start=start, months=months)
        customer = Customer(books, sold)
        yield customer
        ties_out(customer)


def ties_out(customer: Customer) -> None:
    """Audit the books, and see that regenerating finds nothing to do."""
    books = customer.books
    assert list(audit_books(books, Counter())) == []
    for charge_id in {fund.source_id for fund in books.funds.list()}:
        command = RegenerateConsumption(original_charge_id=charge_id)
        rebuilt = rebuild_consumption(books, command)
        assert restore_consumption(books, rebuilt) == Regenerated()
    collect_revenue(books)
    assert list(audit_books(books, Counter())) == []
