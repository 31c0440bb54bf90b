"""Random orders of one subscription, and the deleting of the last one (U 1.9, 2.10, 2.11)."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from earned.domain.errors import EarnedError
from earned.domain.subscribing import ChargeOverride
from earned.services.cancel_subscription import SPECIFIC_DATE, CancelSubscription
from earned.services.change_terms import EVERGREEN, ChangeTerms, LastTerm
from earned.services.delete_order import DeleteOrder, delete_order
from earned.services.place_order import OrderAction, PlaceOrder, SubscriptionOrder, place_order
from earned.services.remove_product import NamedPlan, RemoveProduct
from earned.services.renew_subscription import RenewSubscription
from earned.services.update_product import ChargeUpdate, UpdateProduct
from tests.property.agreed import (
    APRIL,
    FEBRUARY,
    MARCH,
    NEVER,
    PERIODS,
    Agreed,
    Metered,
    Prepaid,
    horizon,
)
from tests.property.model import FIRST, LAST
from tests.property.order_model import Order
from tests.property.shop import DAYS, RATES, Shop, day_of, segment_name, written
from tests.property.story import Record, Story, few_days, records

JANUARY, AFTER = PERIODS[:2]
GROUPS = {"ApplyFirst": FIRST, "ApplyLast": LAST}
# As numbers, these would have rolled funds drawn the other way round: what counts is the group.
PRIORITIES = {"ApplyFirst": 90, "ApplyLast": 1}
ACCOUNT, SUBSCRIPTION, PREPAYMENT = "A00000001", "A-S00000001", "C-00000001"
TERMS_OF = "UPDATE {} SET {} WHERE prepaid_operation_type = 'topup'"

# Most often it is undone at once: little happens in a story after a subscription was canceled.
soon = st.sampled_from([True, True, False])


class Placed(NamedTuple):
    """An order that was placed, and what was agreed before it."""

    number: str
    order: Order
    before: Agreed


class Ordering(Story):
    """What a customer orders besides top-ups, and thinks better of."""

    def agree(self, opening: str) -> None:
        """Agree on how funds are credited, on what rolls over by itself, and on its priority."""
        self.placed: list[Placed] = []
        self.made_segments = dict.fromkeys(RATES, 1)
        for one in [one for one in GROUPS if opening == f"automatic: {one}"]:
            self.model.rolls = GROUPS[one]
            terms = f"is_rollover = 1, rollover_periods = 1, rollover_apply = '{one}'"
            self._set_terms(f"{terms}, rollover_fund_priority = {PRIORITIES[one]}")
        self.credit_by(self.option)
        with self.shop.writing(structural=True) as books:
            books.change_settings({"credit_unbilled_periods": True})

    def credit_by(self, option: str) -> None:
        """Have funds credited by an option from now on."""
        self.option = option
        self._set_terms(f"credit_option = '{option}'")
        self.shop.restart()

    def _set_terms(self, terms: str) -> None:
        for table in "rate_plan_charge", "product_rate_plan_charge":
            self.shop.execute(TERMS_OF.format(table, terms))

    @precondition(lambda self: not self.agreed.is_canceled)
    @rule(day=few_days.filter(lambda day: day > 1), later=records, back=soon)
    def cancel(self, day: int, later: Record, *, back: bool) -> None:
        """Cancel the subscription; what is used of days that it has not any more is of no charge.

        It stays so if the order is undone.
        """
        order = self.model.ordered()
        number = place(self.shop, CancelSubscription(policy=SPECIFIC_DATE, day=day_of(day)))
        if day > self.agreed.end:
            self._refuse(order, number)
            return
        self.model.credit(order, range(self.top_ups + 1), day, self.option)
        self._keep(
            order, number, self.agreed.ending(day)._replace(is_canceled=True), later, back=back
        )

    @precondition(lambda self: not self.agreed.is_canceled)
    @rule(
        end=st.sampled_from([15, 20, FEBRUARY, DAYS, MARCH, APRIL, NEVER]),
        later=records,
        back=soon,
    )
    def change_term(self, end: int, later: Record, *, back: bool) -> None:
        """Have the term end sooner, as canceling does, or later, as renewing does; or never."""
        kind, day = (EVERGREEN, None) if end == NEVER else ("TERMED", day_of(end))
        order, before = self.model.ordered(), self.agreed
        number = place(self.shop, ChangeTerms(last_term=LastTerm(term_type=kind, end=day)))
        if not before.may_end(end):
            self._refuse(order, number)
            return
        if end != before.end:
            # Without an end there are funds up to the end of the next period: it is January.
            self.go_on(order, horizon(1) if end == NEVER else end)
        if end < before.end:
            self.model.credit(order, range(self.top_ups + 1), end, self.option)
        self._keep(order, number, before.ending(end), later, back=back)

    def go_on(self, order: Order, end: int) -> None:
        """Have funds up to an end, as they are by now."""
        latest = self.agreed.prepaid[-1]
        since = None if self.agreed.end == NEVER else self.agreed.end
        self.model.go_on(order, since, end, latest.size, latest.cents)

    def roll_on(self, day: int) -> None:
        """Have funds to the end of the period after that of a day, if there is no other end.

        They go with the order that left the end open, or that made their segment since.
        """
        latest = self.agreed.prepaid[-1]
        for one in reversed(self.placed if self.agreed.end == NEVER else []):
            if one.before.end != NEVER or latest not in one.before.prepaid:
                self.go_on(one.order, horizon(day))
                return

    @precondition(lambda self: self.agreed.end in {FEBRUARY, MARCH})
    @precondition(lambda self: not self.agreed.is_canceled)
    @rule(later=records, back=st.booleans())
    def renew(self, later: Record, *, back: bool) -> None:
        """Renew the subscription for a month, with what a month holds now."""
        order, start = self.model.ordered(), self.agreed.end
        number = place(self.shop, RenewSubscription())
        (end,) = [end for first, end in PERIODS if first == start]
        self.go_on(order, end)
        self._keep(order, number, self.agreed._replace(start=start, end=end), later, back=back)

    @precondition(lambda self: not self.agreed.is_canceled)
    @rule(pick=st.integers(0, 3), day=few_days, later=records, back=st.booleans())
    def remove(self, pick: int, day: int, later: Record, *, back: bool) -> None:
        """Remove what was bought as a top-up."""
        charge, before = 1 + pick % self.top_ups, self.agreed
        order = self.model.ordered()
        plan = plan_of(self.shop, charge)
        number = place(self.shop, RemoveProduct(plan=plan, day=day_of(day)))
        if charge in before.removed or day >= before.end:
            self._refuse(order, number)
            return
        self.model.credit(order, [charge], day, self.option)
        after = before._replace(removed=(*before.removed, charge))
        self._keep(order, number, after, later, back=back)

    @precondition(lambda self: not self.agreed.is_canceled)
    @rule(
        day=st.sampled_from([1, FEBRUARY, MARCH]),
        size=st.sampled_from([Fraction(3), Fraction("18.5"), Fraction(25), Fraction(40)]),
        cents=st.sampled_from([None, 0, 5001, 20000]),
        later=records,
        back=st.booleans(),
    )
    def update(
        self, day: int, size: Fraction, cents: int | None, later: Record, *, back: bool
    ) -> None:
        """Have the funds of what recurs hold or cost other than before, from a period on."""
        before = self.agreed
        price = before.prepaid[-1].cents if cents is None else cents
        override = ChargeOverride(
            terms={"prepaid_quantity": Decimal(written(size))},
            price=None if cents is None else in_dollars(Fraction(cents)),
        )
        order = self.model.ordered()
        number = self._update(PREPAYMENT, day, override)
        is_now = before.prepaid[-1].day <= day < before.end
        if not (is_now and self.model.update(order, day, size, price)):
            self._refuse(order, number)
            return
        latest = Prepaid(day, size, price, len(self.placed))
        after = before._replace(prepaid=(*before.prepaid, latest))
        self._keep(order, number, after, later, back=back)

    @precondition(lambda self: not self.agreed.is_canceled)
    @rule(
        charge=st.sampled_from(sorted(RATES)),
        day=few_days,
        price=st.sampled_from([Fraction(0), Fraction("12.5"), Fraction(60)]),
        later=records,
        back=st.booleans(),
    )
    def reprice(self, charge: str, day: int, price: Fraction, later: Record, *, back: bool) -> None:
        """Have what no fund covers cost other than before, from a day on."""
        before, order = self.agreed, self.model.ordered()
        number = self._update(charge, day, ChargeOverride(price=in_dollars(price)))
        if not before.begun(charge) <= day < before.end:
            self._refuse(order, number)
            return
        self.made_segments[charge] += 1
        name = segment_name(charge, self.made_segments[charge])
        self.model.reprice(order, charge, name, price)
        after = before._replace(metered=(*before.metered, Metered(day, charge, name)))
        self._keep(order, number, after, later, back=back)

    @precondition(lambda self: self.placed)
    @rule()
    def undo(self) -> None:
        """Delete the last order, unless something has come of it since."""
        self.tie_out()
        number, order, before = self.placed[-1]
        is_latest = len(self.placed) > self.buried
        is_undone = is_latest and self.model.undo_order(order)
        assert undo(self.shop, number) == is_undone
        if is_undone:
            self.placed.pop()
            self.agreed = before

    def _update(self, charge: str, day: int, override: ChargeOverride) -> str | None:
        change = ChargeUpdate(override=override, number=charge)
        plan = plan_of(self.shop, 0)
        return place(self.shop, UpdateProduct(plan=plan, day=day_of(day), updates=[change]))

    def _keep(
        self, order: Order, number: str | None, after: Agreed, later: Record, *, back: bool
    ) -> None:
        assert number
        self.placed.append(Placed(number, order, self.agreed))
        self.agreed = after
        self._use_one(later)
        if back:
            self.undo()

    def _refuse(self, order: Order, number: str | None) -> None:
        assert number is None
        self.model.orders.remove(order)


def in_dollars(cents: Fraction) -> Decimal:
    """Return what so many cents are in dollars."""
    return Decimal(cents.numerator) / Decimal(cents.denominator) / 100


def place(shop: Shop, action: OrderAction) -> str | None:
    """Place an order of one action; return its number, None where it is refused."""
    item = SubscriptionOrder(actions=[action], number=SUBSCRIPTION)
    command = PlaceOrder(
        order_date=day_of(1), subscriptions=[item], existing_account_number=ACCOUNT
    )
    try:
        with shop.writing(structural=True) as books:
            return place_order(books, command).order.number
    except EarnedError:
        return None


def undo(shop: Shop, number: str) -> bool:
    """Delete an order; say whether that was done."""
    try:
        with shop.writing(structural=True) as books:
            delete_order(books, DeleteOrder(number=number))
    except EarnedError:
        return False
    return True


def plan_of(shop: Shop, place: int) -> NamedPlan:
    """Return what names a rate plan, by its place among those that were bought."""
    with shop.reading() as books:
        latest = books.subscriptions.find(number=SUBSCRIPTION, is_latest=True)
        assert latest
        plans = books.rate_plans.list(subscription_id=latest.id, order_by=["original_id"])
    return NamedPlan(rate_plan_id=plans[place].id)
