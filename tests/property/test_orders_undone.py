"""Orders at random, in between usage: books tie out after each, and deleting one leaves no trace.

Each seed is a story of its own; what it does is the same every time.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from earned.domain.errors import EarnedError
from earned.domain.subscribing import ChargeOverride
from earned.domain.terms import Length
from earned.services.audit_books import audit_books
from earned.services.cancel_subscription import SPECIFIC_DATE, CancelSubscription
from earned.services.change_terms import ChangeTerms, LastTerm
from earned.services.collect_revenue import collect_revenue
from earned.services.place_order import OrderAction, Placed
from earned.services.remove_product import NamedPlan, RemoveProduct
from earned.services.renew_subscription import RenewSubscription
from earned.services.update_product import ChargeUpdate, UpdateProduct
from tests.services.amending import YEAR, Customer, selling
from tests.services.test_delete_order import as_it_was, undo

OPTIONS = ("TimeBased", "ConsumptionBased", "FullCreditBack")
STEPS = 10


class Story:
    """A customer of two months, and the latest order that nothing has followed."""

    def __init__(self, customer: Customer, random: Random) -> None:
        self.customer, self.random = customer, random
        self.last: tuple[Placed, tuple[object, ...]] | None = None

    def step(self) -> None:
        steps: tuple[Callable[[], None], ...] = (self.use, self.use, self.order, self.order)
        self.random.choice((*steps, self.undo, self.undo, self.top_up))()
        assert list(audit_books(self.customer.books, Counter())) == []

    def use(self) -> None:
        quantity = self.random.choice(("1", "2.5", "4", "6", "-1", "-2"))
        self.customer.use(str(self._day()), quantity)
        self.last = None

    def top_up(self) -> None:
        day = self._day()
        self._try(lambda: self.customer.top_up(day, 3, 9, period="MONTH"))
        self.last = None

    def order(self) -> None:
        before, action = as_it_was(self.customer), self._action()
        placed = self._try(lambda: self.customer.order(action))
        if placed is not None:
            self.last = (placed, before)

    def undo(self) -> None:
        if self.last is None:
            return
        placed, before = self.last
        collect_revenue(self.customer.books)
        undo(self.customer, placed)
        assert as_it_was(self.customer)[:-1] == before[:-1]
        self.last = None

    def _action(self) -> OrderAction:
        first = date(2022, self.random.randint(1, 3), 1)
        plans = self.customer.books.rate_plans.list(
            subscription_id=self.customer.latest.id, order_by=["original_id"]
        )
        override = ChargeOverride(
            terms={"prepaid_quantity": Decimal(self.random.choice((3, 5, 12)))}
        )
        return self.random.choice(
            (
                CancelSubscription(policy=SPECIFIC_DATE, day=self._day()),
                RemoveProduct(plan=NamedPlan(rate_plan_id=plans[0].id), day=self._day()),
                RenewSubscription(),
                ChangeTerms(last_term=LastTerm(term_type="TERMED", end=self._day())),
                UpdateProduct(
                    plan=NamedPlan(rate_plan_id=plans[0].id),
                    day=first,
                    updates=[ChargeUpdate(override=override, number="C-00000001")],
                ),
            )
        )

    def _day(self) -> date:
        return YEAR + timedelta(self.random.randint(0, 62))

    def _try(self, act: Callable[[], Placed | None]) -> Placed | None:
        """Do what may be refused: then nothing of it is done."""
        try:
            with self.customer.books.attempt():
                return act()
        except EarnedError:
            return None


@pytest.mark.parametrize("seed", range(3))
def test_what_an_order_did_is_undone(founded_database_url: str, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - A story, not a secret.
    with selling(
        founded_database_url,
        months=2,
        units=7,
        price=10,
        period="MONTH",
        billing_period="Month",
        credit_option=OPTIONS[seed % 3],
    ) as customer:
        customer.order(ChangeTerms(renewal_term=Length(1)))
        story = Story(customer, random)
        for _ in range(STEPS):
            story.step()
