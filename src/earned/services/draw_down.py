"""Drawing usage down: funds first, the rest rated as overage; and taking it back (U 2.5 to 2.15).

A `Drawdown` works on one group of usage. It moves units in memory with the functions of the
domain, collects the ledger rows, and `flush` writes all of it with a few statements.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from earned.domain.drawdown import Draw, give_back
from earned.domain.exact import ZERO, add, divide_down, multiply, round_units, subtract
from earned.domain.prepaid import TransactionType
from earned.domain.rating_group import Sent, rating_group
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import PENDING, PROCESSED, GuidedUsage
from earned.services.draw_amounts import AmountMoves
from earned.services.end_units import unexpire
from earned.services.moves import Cause, cause_of, drawn_by
from earned.services.open_series import charge_key
from earned.services.resolve_usage import ResolvedUsage


class Drawdown(AmountMoves):
    """Draws a group of usage down."""

    def apply(
        self, usage_id: str, row: ResolvedUsage, charge: RatePlanCharge, sent: Sent
    ) -> GuidedUsage:
        """Guide a record to a charge: draw it from funds, or reverse usage if it is negative.

        The quantity is rounded to its unit of measure first; the record keeps it as sent (U 1.3).
        """
        unit, books = row.unit, self._books
        quantity = round_units(row.fields.quantity, unit.decimal_places, unit.rounding_mode)
        group = rating_group(charge, usage_id, row.day, sent)
        reverses, uom = quantity < 0, row.fields.uom
        cause = Cause(books.new_id(), usage_id, row.day, uom, charge, group, reverses)
        remaining, amount = self._move(cause, quantity)
        guided = GuidedUsage(
            id=cause.guided_id,
            entity_id=row.account.entity_id,
            usage_id=usage_id,
            account_id=row.account.id,
            charge_id=charge.original_id,
            charge_number=charge.number,
            charge_segment=charge.segment,
            original_subscription_id=charge.original_subscription_id,
            uom=uom,
            quantity=quantity,
            usage_date=row.day,
            remaining_quantity=remaining,
            amount_minor=amount,
            group_key=group,
            status=PENDING if remaining or not charge.is_drawdown else PROCESSED,
            created_by=books.scope.user_id,
            created_at=books.now,
            updated_by=books.scope.user_id,
            updated_at=books.now,
        )
        self._guided.append(guided)
        return guided

    def _move(self, cause: Cause, quantity: Decimal) -> tuple[Decimal, int | None]:
        """Draw or reverse; return what no fund covered, and what it costs if that is paid."""
        if cause.charge.is_of_currency:
            return self._charge(cause, quantity)
        remaining = self._reverse(cause, quantity) if quantity < 0 else self._draw(cause, quantity)
        self._rate(cause, remaining)
        return remaining, None

    def draw_rest(
        self,
        guided: GuidedUsage,
        charge: RatePlanCharge,
        drawn: Decimal,
        most: Decimal | None = None,
    ) -> bool:
        """Draw what no fund covered of stored usage that has drawn some units; say if it drew more.

        As far as it is overage yet: what a negative record has cancelled is not drawn (U 2.9). In
        all it draws at `most` so many units.
        """
        if charge.is_of_currency:
            return self._pay_rest(guided, charge, drawn, most)
        cause, pool = cause_of(guided, charge), self._pool_of(charge)
        rated = self._rating_of(cause).accrual.quantity_of(charge_key(charge, cause.day))
        if pool is None or rated <= 0:
            return False
        whole = subtract(multiply(guided.quantity, charge.rate), drawn)
        is_all = rated >= guided.remaining_quantity
        needed = whole if is_all else multiply(rated, charge.rate)
        if most is not None:
            needed = min(needed, max(subtract(most, drawn), ZERO))
        more = subtract(needed, self._draw_units(cause, pool, needed))
        if more:
            self._leave(guided, charge, subtract(whole, more))
        return bool(more)

    def reverse(
        self,
        guided: GuidedUsage,
        charge: RatePlanCharge,
        taken: Mapping[str, Decimal],
        drawn: Decimal,
    ) -> None:
        """Give back what was taken from funds, by their ids, of all that stored usage has drawn.

        It is pending then. A deleted reversal owes what the funds no longer had: it owes less.
        """
        cause, kept = cause_of(guided, charge), drawn
        for fund_id, units in taken.items():
            back = Draw(self._fund(fund_id), subtract(ZERO, units))
            self._post(cause, back, TransactionType.DRAWDOWN_REVERSAL)
            kept = subtract(kept, units)
        if charge.is_of_currency:
            self._unpay(guided, charge, subtract(drawn, kept), kept)
        elif guided.deleted:
            owed = divide_down(-kept, charge.rate)
            self._rate(cause, subtract(owed, divide_down(-drawn, charge.rate)))
        else:
            self._leave(guided, charge, subtract(multiply(guided.quantity, charge.rate), kept))

    def _leave(self, guided: GuidedUsage, charge: RatePlanCharge, units: Decimal) -> None:
        """Have stored usage be so many units, that no fund covers."""
        remaining = divide_down(units, charge.rate) if units else ZERO
        self._rate(cause_of(guided, charge), subtract(remaining, guided.remaining_quantity))
        status = PENDING if remaining else PROCESSED
        change = {"id": guided.id, "remaining_quantity": remaining, "status": status}
        self._left.append(change | self._books.restamp())

    def take_back(self, guided: GuidedUsage, charge: RatePlanCharge) -> None:
        """Undo what a guided usage did: its units go back where they came from (U 2.15).

        Where negative records have reversed part of it already, they are undone after it, as far as
        what they gave back is still there, and applied again to what is left.
        """
        if charge.is_of_currency:
            self._take_amount_back(guided, charge)
            return
        if guided.quantity <= 0 or not self._is_reversed(guided, charge):
            self._undo(guided, charge)
            return
        self.flush()
        reversals = self._reversals_of(guided)
        self._undo(guided, charge)
        undone = [self._unwind(reversal, charge) for reversal in reversed(reversals)]
        for reversal, quantity in zip(reversals, reversed(undone), strict=True):
            self._reapply(reversal, charge, quantity)

    def _is_reversed(self, guided: GuidedUsage, charge: RatePlanCharge) -> bool:
        """Say whether its funds or its overage hold less of the day than it put there."""
        key = charge_key(charge, guided.usage_date)
        taken = any(fund.accrual.quantity_of(key) < -units for fund, units in self._net_of(guided))
        if taken or not guided.remaining_quantity:
            return taken
        rated = self._rating_of(cause_of(guided, charge)).accrual.quantity_of(key)
        return rated < guided.remaining_quantity

    def _reversals_of(self, guided: GuidedUsage) -> Sequence[GuidedUsage]:
        """Return the negative usage of the same charge and day, in the order it was recorded."""
        same = self._books.guided_usage.list(
            charge_id=guided.charge_id,
            usage_date=guided.usage_date,
            deleted=False,
            order_by=("id",),
        )
        return [row for row in same if row.quantity < 0]

    def _undo(self, guided: GuidedUsage, charge: RatePlanCharge) -> None:
        """Move its units back, fund by fund; what a fund has no more of is overage."""
        missing = self._move_back(guided, charge)
        overage = divide_down(missing, charge.rate) if missing else ZERO
        self._rate(cause_of(guided, charge), subtract(overage, guided.remaining_quantity))

    def _unwind(self, reversal: GuidedUsage, charge: RatePlanCharge) -> Decimal:
        """Undo a reversal as far as its funds have the units; return the quantity that this was."""
        missing = self._move_back(reversal, charge)
        kept = divide_down(missing, charge.rate) if missing else ZERO
        self._rate(cause_of(reversal, charge), -reversal.remaining_quantity)
        return add(reversal.quantity, kept)

    def _move_back(self, guided: GuidedUsage, charge: RatePlanCharge) -> Decimal:
        """Move its units back, fund by fund; return the units that the funds have no more."""
        cause = cause_of(guided, charge)
        missing = ZERO
        for fund, units in self._net_of(guided):
            balance = self._balances[fund.fund.prepaid_balance_id]
            self._transactions += unexpire(self._books, balance, fund, units)
            drawn = min(units, fund.balance)
            self._post(cause, Draw(fund, drawn), TransactionType.DRAWDOWN_ADJUSTMENT)
            missing = add(missing, subtract(units, drawn))
        return missing

    def _reapply(self, guided: GuidedUsage, charge: RatePlanCharge, quantity: Decimal) -> None:
        cause = cause_of(guided, charge)
        remaining = self._reverse(cause, quantity) if quantity else ZERO
        self._rate(cause, remaining)
        is_billed = self._books.processed_usage.find(guided_id=guided.id) is not None
        status = PENDING if remaining and not is_billed else PROCESSED
        self._books.guided_usage.change(guided, remaining_quantity=remaining, status=status)

    def _draw(self, cause: Cause, quantity: Decimal) -> Decimal:
        """Draw a quantity from the funds of its day; return what none of them covered."""
        pool = self._pool_of(cause.charge)
        if pool is None or not quantity:
            return quantity
        shortfall = self._draw_units(cause, pool, multiply(quantity, cause.charge.rate))
        return divide_down(shortfall, cause.charge.rate) if shortfall else ZERO

    def _reverse(self, cause: Cause, quantity: Decimal) -> Decimal:
        """Reverse usage of the same charge and day, last in first out: overage, then funds.

        Returns what is taken from overage as a negative quantity, with what found nothing to
        reverse: it waits for more usage.
        """
        pending = self._rating_of(cause).accrual.quantity_of(charge_key(cause.charge, cause.day))
        cancelled = min(max(pending, ZERO), -quantity)
        rest = subtract(-quantity, cancelled)
        pool = self._pool_of(cause.charge)
        if pool is None:
            return quantity
        units = multiply(rest, cause.charge.rate)
        returns, unmatched = give_back(drawn_by(pool, cause), units)
        for draw in returns:
            self._post(cause, draw, TransactionType.DRAWDOWN_ADJUSTMENT)
        waiting = divide_down(unmatched, cause.charge.rate) if unmatched else ZERO
        return -add(cancelled, waiting)

    def _rate(self, cause: Cause, quantity: Decimal) -> None:
        """Add overage (negative takes it back) to the day it was used on."""
        if quantity:
            rating = self._rating_of(cause)
            key = charge_key(cause.charge, cause.day)
            rating.accrual.move(key, quantity, self._books.now, cause.record)
            rating.changed = True
