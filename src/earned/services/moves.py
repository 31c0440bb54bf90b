"""Moving units between funds and usage: what is open, and the ledger rows that say so.

Funds, ratings and new rows are in memory for one group of usage; `flush` writes all of it with a
few statements.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from earned.domain.drawdown import Draw, draw_down
from earned.domain.exact import ZERO, add, subtract
from earned.domain.prepaid import BalanceTransaction, SourceType, TransactionType
from earned.domain.service_period import service_period
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import GuidedUsage, UsageRecord
from earned.services.end_units import bring_back, end_again
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
from earned.services.store_series import settle, store_balances, store_days, store_ratings


class Cause(NamedTuple):
    """The guided usage that moves units: what its ledger rows refer to.

    A reversal takes back what others have used, and is no usage of its own.
    """

    guided_id: str
    usage_id: str
    day: date
    uom: str
    charge: RatePlanCharge
    group: str | None
    is_reversal: bool = False

    @property
    def record(self) -> str:
        """The guided usage that is priced where each is by itself; none of a reversal."""
        return "" if self.is_reversal else self.guided_id


class Moves:
    """The funds, ratings and new ledger rows of one group of usage."""

    def __init__(
        self,
        books: Books,
        guides: Iterable[tuple[RatePlanCharge, date]],
        balance_ids: Iterable[str] = (),
    ) -> None:
        """Lock and open what each charge may touch on its day, and other balances by id.

        The ratings of charges with funds are opened when the funds do not cover a record: most
        often they do; where funds hold money, usage is rated first. Funds are drawn whichever
        organisation pays for them: they belong to the invoice owner, whom the user of a
        subscription may not see.
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
        self._restated: list[dict[str, object]] = []
        self._transactions: list[BalanceTransaction] = []
        self._returned: dict[str, OpenBalance] = {}
        rated = [
            (charge, day)
            for (key, day), charge in known.items()
            if charge.is_of_currency or not self._balance_ids[key]
        ]
        periods = [(charge, service_period(charge, day), None) for charge, day in rated]
        self._ratings |= open_ratings(books, periods, claim=True)

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
            books.guided_usage.update_all(self._restated)
            books.transactions.add_all(self._transactions)
            store_balances(books, balances)
            store_ratings(books, ratings)
            store_days(books, days)
        self._guided, self._left, self._restated, self._transactions = [], [], [], []

    def end_again(self) -> None:
        """Take out again what came back to funds that have ended; nothing waits for it to stay.

        Done after each record, so that a group leaves the ledger that records alone do.
        """
        for balance in self._returned.values():
            self._transactions += end_again(self._books, balance)
        self._returned.clear()

    def _draw_units(
        self,
        cause: Cause,
        pool: OpenBalance | Pool,
        needed: Decimal,
        kind: TransactionType = TransactionType.DRAWDOWN,
    ) -> Decimal:
        """Draw units from the funds of the day; return what none of them had."""
        if pool.has_ended:
            self._transactions += bring_back(
                self._books, self._balances, pool.funds, cause.day, needed
            )
        draws, shortfall = draw_down(pool.funds, cause.day, needed)
        for draw in draws:
            self._post(cause, draw, kind)
        return shortfall

    def _post(self, cause: Cause, draw: Draw, kind: TransactionType) -> None:
        """Move units between a fund and usage, and write the ledger row of it."""
        if not draw.units:
            return
        fund = draw.source
        assert isinstance(fund, OpenFund)
        balance = self._balances[fund.fund.prepaid_balance_id]
        amount = subtract(ZERO, draw.units)
        balance.move(fund, amount)
        if balance.has_ended and amount > 0:
            self._returned[balance.row.id] = balance
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


def drawn_by(pool: OpenBalance | Pool, cause: Cause) -> Iterable[tuple[OpenFund, Decimal]]:
    """Pair each fund valid on the day with what the charge has drawn from it that day."""
    key = charge_key(cause.charge, cause.day)
    for fund in pool.funds:
        if cause.day in fund.fund.validity:
            yield fund, fund.accrual.quantity_of(key)


def cause_of(guided: GuidedUsage, charge: RatePlanCharge) -> Cause:
    """Return stored usage as what moves units."""
    day, group, is_reversal = guided.usage_date, guided.group_key, guided.quantity < 0
    return Cause(guided.id, guided.usage_id, day, guided.uom, charge, group, is_reversal)
