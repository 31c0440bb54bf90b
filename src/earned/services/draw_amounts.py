"""Paying for usage from funds that hold money (U 2.8).

A record costs what it adds to the rated total of its service period; funds pay that, one after
another, and what they have not is open. What is taken back comes out of the total again, and the
last draw of the period is adjusted, so that what records cost always adds up to what is rated.
"""

from decimal import Decimal

from earned.domain.accrual import DayKey
from earned.domain.drawdown import Draw, give_back
from earned.domain.exact import ZERO, subtract
from earned.domain.money import Currency
from earned.domain.prepaid import TransactionType
from earned.domain.rated import RatedAccrual, amount_of, minor_of, uncovered
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import PENDING, PROCESSED, GuidedUsage
from earned.services.end_units import unexpire
from earned.services.moves import Cause, Moves, cause_of, drawn_by
from earned.services.open_series import charge_key

_ADJUSTMENT = TransactionType.DRAWDOWN_ADJUSTMENT


class AmountMoves(Moves):
    """Moves money between funds and usage."""

    def _charge(self, cause: Cause, quantity: Decimal) -> tuple[Decimal, int]:
        """Rate usage and have funds pay; return what they have not covered, and what it costs."""
        tab, key = self._tab_of(cause)
        before = tab.rated_minor
        tab.move(key, quantity, self._books.now)
        amount = tab.rated_minor - before
        drawn = self._pay(cause, amount, TransactionType.DRAWDOWN)
        return uncovered(quantity, amount, drawn), amount

    def _pay(self, cause: Cause, minor: int, kind: TransactionType) -> int:
        """Pay an amount, or reverse one that is negative; return what funds gave, net.

        What waits of earlier reversals is used first; a reversal cancels what is open of the day
        before it gives money back, last drawn first.
        """
        tab, key = self._tab_of(cause)
        used = _nearest_zero(-tab.open_minor(key), minor)
        rest = minor - used
        drawn = self._take(cause, rest, kind) if rest > 0 else -self._give_back(cause, -rest)
        tab.owe(key, minor - drawn, self._books.now)
        return drawn

    def _take(self, cause: Cause, minor: int, kind: TransactionType) -> int:
        """Take an amount from the funds of the day; return what they had of it."""
        pool, currency = self._pool_of(cause.charge), Currency.of(cause.charge.currency)
        if pool is None:
            return 0
        shortfall = self._draw_units(cause, pool, amount_of(minor, currency), kind)
        return minor - minor_of(shortfall, currency)

    def _give_back(self, cause: Cause, minor: int) -> int:
        """Give an amount back to the funds it was drawn from; return what they took."""
        pool, currency = self._pool_of(cause.charge), Currency.of(cause.charge.currency)
        if pool is None or not minor:
            return 0
        returns, unmatched = give_back(drawn_by(pool, cause), amount_of(minor, currency))
        for draw in returns:
            self._post(cause, draw, _ADJUSTMENT)
        return minor - minor_of(unmatched, currency)

    def _pay_rest(
        self, guided: GuidedUsage, charge: RatePlanCharge, drawn: Decimal, most: Decimal | None
    ) -> bool:
        """Have funds pay what is open of stored usage; say if they paid any of it."""
        cause, currency = cause_of(guided, charge), Currency.of(charge.currency)
        tab, key = self._tab_of(cause)
        paid, amount = minor_of(drawn, currency), guided.amount_minor or 0
        needed = min(amount - paid, tab.open_minor(key))
        if most is not None:
            needed = min(needed, minor_of(most, currency) - paid)
        more = self._take(cause, needed, TransactionType.DRAWDOWN) if needed > 0 else 0
        tab.owe(key, -more, self._books.now)
        if more:
            self._restate(guided, amount, paid + more)
        return bool(more)

    def _unpay(
        self, guided: GuidedUsage, charge: RatePlanCharge, back: Decimal, kept: Decimal
    ) -> None:
        """Have open what funds have got back of stored usage; they keep paying the rest."""
        currency, cause = Currency.of(charge.currency), cause_of(guided, charge)
        tab, key = self._tab_of(cause)
        tab.owe(key, minor_of(back, currency), self._books.now)
        if not guided.deleted:
            self._restate(guided, guided.amount_minor or 0, minor_of(kept, currency))

    def _take_amount_back(self, guided: GuidedUsage, charge: RatePlanCharge) -> None:
        """Undo what stored usage did: the money goes back as far as the funds' day has it."""
        cause, currency = cause_of(guided, charge), Currency.of(charge.currency)
        tab, key = self._tab_of(cause)
        before, amount = tab.rated_minor, guided.amount_minor or 0
        drawn = ZERO
        for fund, units in self._net_of(guided):
            balance = self._balances[fund.fund.prepaid_balance_id]
            self._transactions += unexpire(self._books, balance, fund, units)
            held = max(fund.accrual.quantity_of(key), ZERO)
            move = min(units, fund.balance) if units > 0 else max(units, -held)
            self._post(cause, Draw(fund, move), _ADJUSTMENT)
            drawn = subtract(drawn, move)
        tab.owe(key, minor_of(drawn, currency) - amount, self._books.now)
        tab.move(key, -guided.quantity, self._books.now)
        self._adjust_last(cause, tab.rated_minor - (before - amount))

    def _adjust_last(self, cause: Cause, minor: int) -> None:
        """Have the last usage of the service period cost so much more, that all add up."""
        if not minor:
            return
        self.flush()
        rating = self._rating_of(cause)
        rows = self._books.guided_usage.list(
            charge_id=cause.charge.original_id,
            charge_segment=cause.charge.segment,
            group_key=cause.group,
            deleted=False,
            order_by=("-id",),
        )
        mine = (row for row in rows if row.usage_date in rating.period)
        last = next((row for row in mine if row.id != cause.guided_id), None)
        if last is None:
            return
        currency, other = Currency.of(cause.charge.currency), cause_of(last, cause.charge)
        had = sum((-minor_of(units, currency) for _, units in self._net_of(last)), 0)
        paid = had + self._pay(other, minor, _ADJUSTMENT)
        self._restate(last, (last.amount_minor or 0) + minor, paid)
        if last.status == PROCESSED and self._books.processed_usage.find(guided_id=last.id):
            # What it costs otherwise is billed with the next totals: it waits for no fund.
            self._restated[-1]["status"] = PROCESSED
        self._restate_record(last)

    def _restate_record(self, guided: GuidedUsage) -> None:
        """Give the record of usage that was restated the status that this gives it."""
        rows = self._books.guided_usage.list(usage_id=guided.usage_id, deleted=False)
        statuses = {row.id: row.status for row in rows}
        statuses[guided.id] = str(self._restated[-1]["status"])
        status = PENDING if PENDING in statuses.values() else PROCESSED
        change = {"id": guided.usage_id, "rbe_status": status}
        self._books.usage.update_all([change | self._books.restamp()])

    def _restate(self, guided: GuidedUsage, amount_minor: int, paid_minor: int) -> None:
        """Have stored usage cost an amount, of which funds have paid so much."""
        remaining = uncovered(guided.quantity, amount_minor, paid_minor)
        change = {
            "id": guided.id,
            "remaining_quantity": remaining,
            "status": PENDING if remaining else PROCESSED,
            "amount_minor": amount_minor,
        }
        self._restated.append(change | self._books.restamp())

    def _tab_of(self, cause: Cause) -> tuple[RatedAccrual, DayKey]:
        """Return the rows of a usage's service period, and which of them is its day's."""
        rating = self._rating_of(cause)
        rating.changed = True
        assert isinstance(rating.accrual, RatedAccrual), "usage that money pays for is rated first"
        return rating.accrual, charge_key(cause.charge, cause.day)


def _nearest_zero(one: int, other: int) -> int:
    """Return which of two amounts of the same sign is smaller, none if their signs differ."""
    if one > 0 and other > 0:
        return min(one, other)
    return max(one, other) if one < 0 and other < 0 else 0
