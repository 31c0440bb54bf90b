"""Drawing usage down: funds first, the rest rated as overage; and taking it back (U 2.5 to 2.15).

A `Drawdown` works on one group of usage. It moves units in memory with the functions of the
domain, collects the ledger rows, and `flush` writes all of it with a few statements.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from earned.domain.drawdown import Draw, draw_down, give_back
from earned.domain.exact import ZERO, add, divide_down, multiply, round_units, subtract
from earned.domain.prepaid import BalanceTransaction, SourceType, TransactionType
from earned.domain.rating_group import Sent, rating_group
from earned.domain.service_period import service_period
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import PENDING, PROCESSED, GuidedUsage, UsageRecord
from earned.services.end_units import bring_back, end_again, unexpire
from earned.services.open_series import (
    OpenBalance,
    OpenFund,
    OpenRating,
    Pool,
    charge_key,
    open_balances,
    open_ratings,
    pool,
    rating_id,
)
from earned.services.ports import Books
from earned.services.reach import balance_ids as reached_by
from earned.services.reach import place_of
from earned.services.resolve_usage import ResolvedUsage
from earned.services.store_series import settle, store_balances, store_days, store_ratings


class Cause(NamedTuple):
    """The guided usage that moves units: what its ledger rows refer to."""

    guided_id: str
    usage_id: str
    day: date
    uom: str
    charge: RatePlanCharge
    group: str | None


class Drawdown:
    """The funds, ratings and new ledger rows of one group of usage."""

    def __init__(
        self,
        books: Books,
        guides: Iterable[tuple[RatePlanCharge, date]],
        balance_ids: Iterable[str] = (),
    ) -> None:
        """Lock and open what each charge may touch on its day, and other balances by id.

        The ratings of charges with funds are opened when the funds do not cover a record: most
        often they do. Funds are drawn whichever organisation pays for them: they belong to the
        invoice owner, whom the user of a subscription may not see.
        """
        self._books = books = books.entire
        known = {(charge.id, day): charge for charge, day in guides}
        charges = {charge.id: charge for charge in known.values()}
        self._balance_ids = {key: reached_by(books, charge) for key, charge in charges.items()}
        self._balances = open_balances(books, chain(balance_ids, *self._balance_ids.values()))
        self._pools: dict[str, OpenBalance | Pool | None] = {}
        self._funds: dict[str, OpenFund] = {}
        self._ratings: dict[str, OpenRating] = {}
        self._guided: list[GuidedUsage] = []
        self._left: list[dict[str, object]] = []
        self._transactions: list[BalanceTransaction] = []
        unfunded = [(c, day) for (key, day), c in known.items() if not self._balance_ids[key]]
        periods = [(charge, service_period(charge, day), None) for charge, day in unfunded]
        self._ratings |= open_ratings(books, periods)

    def apply(
        self, usage_id: str, row: ResolvedUsage, charge: RatePlanCharge, sent: Sent
    ) -> GuidedUsage:
        """Guide a record to a charge: draw it from funds, or reverse usage if it is negative.

        The quantity is rounded to its unit of measure first; the record keeps it as sent (U 1.3).
        """
        unit, books = row.unit, self._books
        quantity = round_units(row.fields.quantity, unit.decimal_places, unit.rounding_mode)
        group = rating_group(charge, usage_id, row.day, sent)
        cause = Cause(books.new_id(), usage_id, row.day, row.fields.uom, charge, group)
        move = self._reverse if quantity < 0 else self._draw
        remaining = move(cause, quantity)
        self._rate(cause, remaining)
        guided = GuidedUsage(
            id=cause.guided_id,
            entity_id=row.account.entity_id,
            usage_id=usage_id,
            account_id=row.account.id,
            charge_id=charge.original_id,
            charge_number=charge.number,
            charge_segment=charge.segment,
            original_subscription_id=charge.original_subscription_id,
            uom=row.fields.uom,
            quantity=quantity,
            usage_date=row.day,
            remaining_quantity=remaining,
            group_key=group,
            status=PENDING if remaining or not charge.is_drawdown else PROCESSED,
            created_by=books.scope.user_id,
            created_at=books.now,
            updated_by=books.scope.user_id,
            updated_at=books.now,
        )
        self._guided.append(guided)
        return guided

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
        cause, pool = _cause(guided, charge), self._pool_of(charge)
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
        cause, kept = _cause(guided, charge), drawn
        for fund_id, units in taken.items():
            back = Draw(self._fund(fund_id), subtract(ZERO, units))
            self._post(cause, back, TransactionType.DRAWDOWN_REVERSAL)
            kept = subtract(kept, units)
        if guided.deleted:
            owed = divide_down(-kept, charge.rate)
            self._rate(cause, subtract(owed, divide_down(-drawn, charge.rate)))
        else:
            self._leave(guided, charge, subtract(multiply(guided.quantity, charge.rate), kept))

    def _leave(self, guided: GuidedUsage, charge: RatePlanCharge, units: Decimal) -> None:
        """Have stored usage be so many units, that no fund covers."""
        remaining = divide_down(units, charge.rate) if units else ZERO
        self._rate(_cause(guided, charge), subtract(remaining, guided.remaining_quantity))
        status = PENDING if remaining else PROCESSED
        change = {"id": guided.id, "remaining_quantity": remaining, "status": status}
        self._left.append(change | self._books.restamp())

    def take_back(self, guided: GuidedUsage, charge: RatePlanCharge) -> None:
        """Undo what a guided usage did: its units go back where they came from (U 2.15).

        Where negative records have reversed part of it already, they are undone after it, as far as
        what they gave back is still there, and applied again to what is left.
        """
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
        rated = self._rating_of(_cause(guided, charge)).accrual.quantity_of(key)
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
        self._rate(_cause(guided, charge), subtract(overage, guided.remaining_quantity))

    def _unwind(self, reversal: GuidedUsage, charge: RatePlanCharge) -> Decimal:
        """Undo a reversal as far as its funds have the units; return the quantity that this was."""
        missing = self._move_back(reversal, charge)
        kept = divide_down(missing, charge.rate) if missing else ZERO
        self._rate(_cause(reversal, charge), -reversal.remaining_quantity)
        return add(reversal.quantity, kept)

    def _move_back(self, guided: GuidedUsage, charge: RatePlanCharge) -> Decimal:
        """Move its units back, fund by fund; return the units that the funds have no more."""
        cause = _cause(guided, charge)
        missing = ZERO
        for fund, units in self._net_of(guided):
            balance = self._balances[fund.fund.prepaid_balance_id]
            self._transactions += unexpire(self._books, balance, fund, units)
            drawn = min(units, fund.balance)
            self._post(cause, Draw(fund, drawn), TransactionType.DRAWDOWN_ADJUSTMENT)
            missing = add(missing, subtract(units, drawn))
        return missing

    def _reapply(self, guided: GuidedUsage, charge: RatePlanCharge, quantity: Decimal) -> None:
        cause = _cause(guided, charge)
        remaining = self._reverse(cause, quantity) if quantity else ZERO
        self._rate(cause, remaining)
        is_billed = self._books.processed_usage.find(guided_id=guided.id) is not None
        status = PENDING if remaining and not is_billed else PROCESSED
        self._books.guided_usage.change(guided, remaining_quantity=remaining, status=status)

    def flush(self, records: Sequence[UsageRecord] = ()) -> None:
        """Write new records and all that was moved since the last flush."""
        books, balances, ratings = self._books, self._balances.values(), self._ratings.values()
        for balance in balances:
            if balance.has_ended:
                self._transactions += end_again(books, balance)
        days = settle(books, balances, ratings)
        with books.together():
            books.usage.add_all(records)
            books.guided_usage.add_all(self._guided)
            books.guided_usage.update_all(self._left)
            books.transactions.add_all(self._transactions)
            store_balances(books, balances)
            store_ratings(books, ratings)
            store_days(books, days)
        self._guided, self._left, self._transactions = [], [], []

    def _draw(self, cause: Cause, quantity: Decimal) -> Decimal:
        """Draw a quantity from the funds of its day; return what none of them covered."""
        pool = self._pool_of(cause.charge)
        if pool is None or not quantity:
            return quantity
        shortfall = self._draw_units(cause, pool, multiply(quantity, cause.charge.rate))
        return divide_down(shortfall, cause.charge.rate) if shortfall else ZERO

    def _draw_units(self, cause: Cause, pool: OpenBalance | Pool, needed: Decimal) -> Decimal:
        """Draw units from the funds of the day; return what none of them had."""
        if pool.has_ended:
            self._transactions += bring_back(
                self._books, self._balances, pool.funds, cause.day, needed
            )
        draws, shortfall = draw_down(pool.funds, cause.day, needed)
        for draw in draws:
            self._post(cause, draw, TransactionType.DRAWDOWN)
        return shortfall

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
        returns, unmatched = give_back(_drawn_by(pool, cause), units)
        for draw in returns:
            self._post(cause, draw, TransactionType.DRAWDOWN_ADJUSTMENT)
        waiting = divide_down(unmatched, cause.charge.rate) if unmatched else ZERO
        return -add(cancelled, waiting)

    def _post(self, cause: Cause, draw: Draw, kind: TransactionType) -> None:
        """Move units between a fund and usage, and write the ledger row of it."""
        if not draw.units:
            return
        fund = draw.source
        assert isinstance(fund, OpenFund)
        balance = self._balances[fund.fund.prepaid_balance_id]
        amount = subtract(ZERO, draw.units)
        balance.move(fund, amount)
        fund.accrual.move(charge_key(cause.charge, cause.day), draw.units, self._books.now)
        self._transactions.append(
            BalanceTransaction(
                id=self._books.new_id(),
                entity_id=fund.fund.entity_id,
                account_id=fund.fund.account_id,
                prepaid_balance_id=balance.row.id,
                fund_id=fund.fund.id,
                sequence=fund.transaction_count,
                amount=amount,
                balance=balance.balance,
                transaction_date=cause.day,
                transaction_type=kind,
                source_type=SourceType.USAGE,
                source_id=cause.guided_id,
                usage_id=cause.usage_id,
                usage_uom=cause.uom,
                drawdown_rate=cause.charge.rate,
                drawdown_charge_id=cause.charge.original_id,
                drawdown_charge_number=cause.charge.number,
                drawdown_charge_segment=cause.charge.segment,
                created_by=self._books.scope.user_id,
                created_at=self._books.now,
            )
        )

    def _rate(self, cause: Cause, quantity: Decimal) -> None:
        """Add overage (negative takes it back) to the day it was used on."""
        if quantity:
            rating = self._rating_of(cause)
            rating.accrual.move(charge_key(cause.charge, cause.day), quantity, self._books.now)
            rating.changed = True

    def _net_of(self, guided: GuidedUsage) -> Sequence[tuple[OpenFund, Decimal]]:
        """Return what to draw from each fund (negative: give back) to undo a guided usage."""
        rows = self._books.transactions.list(
            usage_id=guided.usage_id, source_id=guided.id, order_by=("id",)
        )
        net: dict[str, Decimal] = {}
        for row in rows:
            net[row.fund_id] = add(net.get(row.fund_id, ZERO), row.amount)
        unknown = {row.prepaid_balance_id for row in rows} - self._balances.keys()
        if unknown:
            # A reversal may have touched what has moved out of the charge's reach since.
            self._balances |= open_balances(self._books, unknown)
            self._funds = {}
        return [(self._fund(fund_id), units) for fund_id, units in net.items()]

    def _fund(self, fund_id: str) -> OpenFund:
        """Return one of the funds that were opened."""
        if not self._funds:
            self._funds = {
                fund.fund.id: fund for balance in self._balances.values() for fund in balance.funds
            }
        return self._funds[fund_id]

    def _pool_of(self, charge: RatePlanCharge) -> OpenBalance | Pool | None:
        """Return what a charge draws from, None where it has no funds at all."""
        if charge.id not in self._pools:
            balances = [self._balances[identity] for identity in self._balance_ids[charge.id]]
            self._pools[charge.id] = pool(balances, lambda: place_of(self._books, charge))
        return self._pools[charge.id]

    def _rating_of(self, cause: Cause) -> OpenRating:
        period = service_period(cause.charge, cause.day)
        identity = rating_id(cause.charge, period, cause.group)
        if identity not in self._ratings:
            self._ratings |= open_ratings(self._books, [(cause.charge, period, cause.group)])
        return self._ratings[identity]


def _drawn_by(pool: OpenBalance | Pool, cause: Cause) -> Iterable[tuple[OpenFund, Decimal]]:
    """Pair each fund valid on the day with what the charge has drawn from it that day."""
    key = charge_key(cause.charge, cause.day)
    for fund in pool.funds:
        if cause.day in fund.fund.validity:
            yield fund, fund.accrual.quantity_of(key)


def _cause(guided: GuidedUsage, charge: RatePlanCharge) -> Cause:
    day, group = guided.usage_date, guided.group_key
    return Cause(guided.id, guided.usage_id, day, guided.uom, charge, group)
