"""Random orders of one subscription, and the deleting of the last one (U 1.9, 2.10, 2.11)."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from earned.domain.errors import RuleBroken
from earned.domain.subscribing import ChargeOverride
from earned.services.cancel_subscription import SPECIFIC_DATE, CancelSubscription
from earned.services.delete_order import DeleteOrder, delete_order
from earned.services.place_order import OrderAction, PlaceOrder, SubscriptionOrder, place_order
from earned.services.remove_product import NamedPlan, RemoveProduct
from earned.services.renew_subscription import RenewSubscription
from earned.services.update_product import ChargeUpdate, UpdateProduct
from tests.property.model import FIRST, LAST
from tests.property.order_model import Order
from tests.property.shop import CENTS, UNITS, Shop, day_of, written
from tests.property.story import FEBRUARY, NEVER, PERIODS, Story, few_days, records

JANUARY, AFTER, MARCH = PERIODS
GROUPS = {"ApplyFirst": FIRST, "ApplyLast": LAST}
# As numbers, these would have rolled funds drawn the other way round: what counts is the group.
PRIORITIES = {"ApplyFirst": 90, "ApplyLast": 1}
ACCOUNT, SUBSCRIPTION, PREPAYMENT = "A00000001", "A-S00000001", "C-00000001"

# Most often it is undone at once: little happens in a story after a subscription was canceled.
soon = st.sampled_from([True, True, False])


class Placed(NamedTuple):
    """An order that was placed, and what to forget when it is undone."""

    number: str
    order: Order
    forget: Callable[[], object]


class Ordering(Story):
    """What a customer orders besides top-ups, and thinks better of."""

    def agree(self, opening: str) -> None:
        """Agree on how funds are credited, on what rolls over by itself, and on its priority."""
        self.placed: list[Placed] = []
        self.is_renewed = False
        self.sizes, self.begun, self.removed = [UNITS], [1], list[int]()
        automatic = [one for one in GROUPS if opening == f"automatic: {one}"]
        terms = f"credit_option = '{self.option}'"
        for one in automatic:
            self.model.rolls = GROUPS[one]
            terms += f", is_rollover = 1, rollover_periods = 1, rollover_apply = '{one}'"
            terms += f", rollover_fund_priority = {PRIORITIES[one]}"
        for table in "rate_plan_charge", "product_rate_plan_charge":
            update = f"UPDATE {table} SET {terms} WHERE prepaid_operation_type = 'topup'"  # noqa: S608 - Names of ours.
            self.shop.execute(update)
        with self.shop.writing(structural=True) as books:
            books.change_settings({"credit_unbilled_periods": True})

    @precondition(lambda self: self.ended == NEVER)
    @rule(day=few_days.filter(lambda day: day > 1), later=records, back=soon)
    def cancel(
        self, day: int, later: tuple[str | None, int, Fraction, bool], *, back: bool
    ) -> None:
        """Cancel the subscription; what is used of days that it has not any more is of no charge.

        It would stay so if the order were undone, so that is left to other stories.
        """
        charges = range(self.top_ups + 1)
        number = place(self.shop, CancelSubscription(policy=SPECIFIC_DATE, day=day_of(day)))
        order = self.model.ordered()
        self.model.credit(order, charges, day, self.option)
        self.ended = day
        self._keep(number, order, lambda: setattr(self, "ended", NEVER))
        if not back or later[1] < day:
            self._use_one(later)
        if back:
            self.undo()

    @precondition(lambda self: self.ended == NEVER)
    @rule(pick=st.integers(0, 3), day=few_days, later=records, back=st.booleans())
    def remove(
        self, pick: int, day: int, later: tuple[str | None, int, Fraction, bool], *, back: bool
    ) -> None:
        """Remove what was bought as a top-up."""
        charge = 1 + pick % self.top_ups
        if charge in self.removed:
            return
        plan = plan_of(self.shop, charge)
        number = place(self.shop, RemoveProduct(plan=plan, day=day_of(day)))
        order = self.model.ordered()
        self.model.credit(order, [charge], day, self.option)
        self.removed.append(charge)
        self._keep(number, order, self.removed.pop)
        self._use_one(later)
        if back:
            self.undo()

    @precondition(lambda self: self.ended == NEVER)
    @rule(
        day=st.sampled_from([1, FEBRUARY]),
        size=st.sampled_from([Fraction(3), Fraction("18.5"), Fraction(40)]),
        later=records,
        back=st.booleans(),
    )
    def update(
        self,
        day: int,
        size: Fraction,
        later: tuple[str | None, int, Fraction, bool],
        *,
        back: bool,
    ) -> None:
        """Have the funds of what recurs hold more or less, from a validity period on."""
        override = ChargeOverride(terms={"prepaid_quantity": Decimal(written(size))})
        change = ChargeUpdate(override=override, number=PREPAYMENT)
        update = UpdateProduct(plan=plan_of(self.shop, 0), day=day_of(day), updates=[change])
        number = place(self.shop, update)
        order = self.model.ordered()
        if not (day >= self.begun[-1] and self.model.update(order, day, size)):
            self.model.orders.pop()
            assert number is None
            return
        self.sizes.append(size)
        self.begun.append(day)
        self._keep(number, order, lambda: (self.sizes.pop(), self.begun.pop()))
        self._use_one(later)
        if back:
            self.undo()

    @precondition(lambda self: self.ended == NEVER and not self.is_renewed)
    @rule(back=st.booleans())
    def renew(self, *, back: bool) -> None:
        """Renew the subscription for a month, with what a month holds now."""
        number = place(self.shop, RenewSubscription())
        order = self.model.ordered()
        self.model.renew(order, MARCH, self.sizes[-1], CENTS)
        self.is_renewed = True
        self._keep(number, order, lambda: setattr(self, "is_renewed", False))
        if back:
            self.undo()

    @precondition(lambda self: self.placed)
    @rule()
    def undo(self) -> None:
        """Delete the last order, unless something has come of it since."""
        number, order, forget = self.placed[-1]
        if self.ended != NEVER and self.unguided:
            return
        is_latest = len(self.placed) > self.buried
        is_undone = is_latest and self.model.undo_order(order)
        assert undo(self.shop, number) == is_undone
        if is_undone:
            self.placed.pop()
            forget()

    def _keep(self, number: str | None, order: Order, forget: Callable[[], object]) -> None:
        assert number
        self.placed.append(Placed(number, order, forget))


def place(shop: Shop, action: OrderAction) -> str | None:
    """Place an order of one action; return its number, None where it is refused."""
    item = SubscriptionOrder(actions=[action], number=SUBSCRIPTION)
    command = PlaceOrder(
        order_date=day_of(1), subscriptions=[item], existing_account_number=ACCOUNT
    )
    try:
        with shop.writing(structural=True) as books:
            return place_order(books, command).order.number
    except RuleBroken:
        return None


def undo(shop: Shop, number: str) -> bool:
    """Delete an order; say whether that was done."""
    try:
        with shop.writing(structural=True) as books:
            delete_order(books, DeleteOrder(number=number))
    except RuleBroken:
        return False
    return True


def plan_of(shop: Shop, place: int) -> NamedPlan:
    """Return what names a rate plan, by its place among those that were bought."""
    with shop.reading() as books:
        latest = books.subscriptions.find(number=SUBSCRIPTION, is_latest=True)
        assert latest
        plans = books.rate_plans.list(subscription_id=latest.id, order_by=["original_id"])
    return NamedPlan(rate_plan_id=plans[place].id)
