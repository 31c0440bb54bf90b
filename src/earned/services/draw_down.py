"""Drawing usage down: funds first, the rest rated as overage; and taking it back (U 2.5 to 2.15).

A `Drawdown` works on one group of usage. It moves units in memory with the functions of the
domain, collects the ledger rows, and `flush` writes all of it with a few statements.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from earned.domain.drawdown import Draw, give_back
from earned.domain.exact import ZERO, add, round_units, subtract
from earned.domain.overage import units_of, usage_of
from earned.domain.prepaid import TransactionType
from earned.domain.rating_group import Sent, rating_group
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import PENDING, PROCESSED, GuidedUsage
from earned.services.draw_amounts import AmountMoves
from earned.services.end_units import unexpire
from earned.services.moves import Cause, cause_of, drawn_by
from earned.services.open_series import OpenFund, charge_key
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
        needed = units_of(quantity, cause.charge.rate)
        lacking = self._reverse(cause, needed) if needed < 0 else self._draw(cause, needed)
        self._rate(cause, ZERO, lacking)
        return usage_of(lacking, cause.charge.rate), None

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
        rated = self._lacked(cause)
        if pool is None or rated <= 0:
            return False
        needed = min(_lacking(guided, charge, drawn), rated)
        if most is not None:
            needed = min(needed, max(subtract(most, drawn), ZERO))
        more = subtract(needed, self._draw_units(cause, pool, needed))
        if more:
            self._leave(guided, charge, drawn, add(drawn, more))
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
            self._rate(cause, subtract(ZERO, drawn), subtract(ZERO, kept))
        else:
            self._leave(guided, charge, drawn, kept)

    def _leave(
        self, guided: GuidedUsage, charge: RatePlanCharge, drawn: Decimal, kept: Decimal
    ) -> None:
        """Have funds cover other units of stored usage than they have drawn of it."""
        lacking = _lacking(guided, charge, kept)
        self._rate(cause_of(guided, charge), _lacking(guided, charge, drawn), lacking)
        remaining = usage_of(lacking, charge.rate)
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
        self._undo_reversed(guided, charge)

    def _undo_reversed(self, guided: GuidedUsage, charge: RatePlanCharge) -> None:
        self.flush()
        reversals = self._reversals_of(guided)
        self._undo(guided, charge)
        undone = [self._unwind(reversal, charge) for reversal in reversed(reversals)]
        for reversal, units in zip(reversals, reversed(undone), strict=True):
            self._reapply(reversal, charge, units)
        self._settle(guided, charge)

    def _settle(self, guided: GuidedUsage, charge: RatePlanCharge) -> None:
        """Have deleted reversals draw again what they owe of units that came back once more.

        They had given them back, and the funds had them no more when the reversals were deleted: so
        they became overage. A fund never gets back more than it gave.
        """
        key = charge_key(charge, guided.usage_date)
        if all(fund.accrual.quantity_of(key) >= 0 for fund, _ in self._net_of(guided)):
            return
        for reversal in self._reversals_of(guided, deleted=True):
            cause, net = cause_of(reversal, charge), self._net_of(reversal)
            owed = subtract(ZERO, _drawn(net))
            for fund, units in net:
                over = subtract(ZERO, fund.accrual.quantity_of(key))
                again = min(units, over, fund.balance)
                if again > 0:
                    self._post(cause, Draw(fund, again), TransactionType.DRAWDOWN_ADJUSTMENT)
                    self._rate(cause, owed, subtract(owed, again))
                    owed = subtract(owed, again)

    def _is_reversed(self, guided: GuidedUsage, charge: RatePlanCharge) -> bool:
        """Say whether its funds or its overage hold less of the day than it put there."""
        key, net = charge_key(charge, guided.usage_date), self._net_of(guided)
        taken = any(add(fund.accrual.quantity_of(key), units) < 0 for fund, units in net)
        if taken or not guided.remaining_quantity:
            return taken
        return self._lacked(cause_of(guided, charge)) < _lacking(guided, charge, _drawn(net))

    def _reversals_of(self, guided: GuidedUsage, *, deleted: bool = False) -> Sequence[GuidedUsage]:
        """Return the negative usage of the same charge and day, in the order it was recorded."""
        same = self._books.guided_usage.list(
            charge_id=guided.charge_id,
            usage_date=guided.usage_date,
            deleted=deleted,
            order_by=("id",),
        )
        return [row for row in same if row.quantity < 0]

    def _undo(self, guided: GuidedUsage, charge: RatePlanCharge) -> None:
        """Move its units back, fund by fund; what a fund has no more of is overage."""
        lacking, missing = self._move_back(guided, charge)
        self._rate(cause_of(guided, charge), lacking, missing)

    def _unwind(self, reversal: GuidedUsage, charge: RatePlanCharge) -> Decimal:
        """Undo a reversal as far as its funds have the units; return the units that this was."""
        lacking, missing = self._move_back(reversal, charge)
        self._rate(cause_of(reversal, charge), lacking, ZERO)
        return add(units_of(reversal.quantity, charge.rate), missing)

    def _move_back(self, guided: GuidedUsage, charge: RatePlanCharge) -> tuple[Decimal, Decimal]:
        """Move its units back, fund by fund.

        Returns the units that no fund had covered, and those that the funds have no more.
        """
        cause, net = cause_of(guided, charge), self._net_of(guided)
        missing = ZERO
        for fund, units in net:
            balance = self._balances[fund.fund.prepaid_balance_id]
            self._transactions += unexpire(self._books, balance, fund, units)
            drawn = min(units, fund.balance)
            self._post(cause, Draw(fund, drawn), TransactionType.DRAWDOWN_ADJUSTMENT)
            missing = add(missing, subtract(units, drawn))
        return _lacking(guided, charge, _drawn(net)), missing

    def _reapply(self, guided: GuidedUsage, charge: RatePlanCharge, units: Decimal) -> None:
        cause = cause_of(guided, charge)
        lacking = self._reverse(cause, units) if units else ZERO
        self._rate(cause, ZERO, lacking)
        remaining = usage_of(lacking, charge.rate)
        is_billed = self._books.processed_usage.find(guided_id=guided.id) is not None
        status = PENDING if remaining and not is_billed else PROCESSED
        self._books.guided_usage.change(guided, remaining_quantity=remaining, status=status)

    def _draw(self, cause: Cause, needed: Decimal) -> Decimal:
        """Draw units from the funds of its day; return what none of them covered."""
        pool = self._pool_of(cause.charge)
        return self._draw_units(cause, pool, needed) if pool is not None and needed else needed

    def _reverse(self, cause: Cause, units: Decimal) -> Decimal:
        """Reverse usage of the same charge and day, last in first out: overage, then funds.

        Returns what is taken from overage as negative units, with what found nothing to reverse: it
        waits for more usage.
        """
        back = subtract(ZERO, units)
        cancelled = min(max(self._lacked(cause), ZERO), back)
        pool = self._pool_of(cause.charge)
        if pool is None:
            return units
        returns, unmatched = give_back(drawn_by(pool, cause), subtract(back, cancelled))
        for draw in returns:
            self._post(cause, draw, TransactionType.DRAWDOWN_ADJUSTMENT)
        return subtract(ZERO, add(cancelled, unmatched))

    def _lacked(self, cause: Cause) -> Decimal:
        """Return the units that no fund had for usage of the charge on the day."""
        return self._rating_of(cause).lacking(charge_key(cause.charge, cause.day))

    def _rate(self, cause: Cause, before: Decimal, after: Decimal) -> None:
        """Have usage lack other units than before, on the day it was used on."""
        if before != after:
            rating, key = self._rating_of(cause), charge_key(cause.charge, cause.day)
            rating.lack(key, (before, after), self._books.now, cause.record)


def _lacking(guided: GuidedUsage, charge: RatePlanCharge, drawn: Decimal) -> Decimal:
    """Return the units that usage needs beyond what it has drawn."""
    return subtract(units_of(guided.quantity, charge.rate), drawn)


def _drawn(net: Sequence[tuple[OpenFund, Decimal]]) -> Decimal:
    """Return the units that usage has drawn, by what undoes it."""
    drawn = ZERO
    for _, units in net:
        drawn = subtract(drawn, units)
    return drawn
