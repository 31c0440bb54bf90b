"""Move units from fund to fund with what they cost: rollovers and their reversals (U 2.12, 2.13).

Each of the two funds gets a ledger row. A fund's own schedule keeps its amount (R10): further ones,
all of it in Open-Ended, take the price of the units from the liability of one fund to that of the
other. The revenue event of a rollover has no amount.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from earned.domain.accrual import DayRow
from earned.domain.exact import ZERO, add, subtract
from earned.domain.notifying import Held
from earned.domain.periods import open_ended
from earned.domain.prepaid import BalanceTransaction, Fund, PrepaidBalance, TransactionType
from earned.domain.schedule import RevenueSchedule
from earned.domain.scheduling import FUND_ROLLED
from earned.services.add_distributions import NewDistribution
from earned.services.end_units import ending_transaction
from earned.services.open_schedule import Opening, open_together
from earned.services.ports import Books
from earned.services.series_rows import fund_series, rollover_event, rollover_event_id
from earned.services.tell_thresholds import Change, tell_thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Units that roll from a `source` into a fund made for them, or back from it, `is_back`."""

    source: Fund
    rolled: Fund
    units: Decimal
    price_minor: int
    is_back: bool = False

    @property
    def funds(self) -> tuple[Fund, Fund]:
        """The fund that gives and the one that takes."""
        return (self.rolled, self.source) if self.is_back else (self.source, self.rolled)


Balances = Mapping[str, PrepaidBalance]


def move_units(books: Books, moves: Sequence[Move], balances: Balances) -> None:
    """Write moves within locked prepaid balances, with a few statements for all of them.

    A fund is in one of them at most. The balances get a new version, so that whoever holds them in
    memory reads them again.
    """
    if not moves:
        return
    _write_funds(books, moves)
    _write_ledger(books, moves, balances)
    _write_totals(books, moves, balances)
    _write_events(books, moves)
    _write_schedules(books, moves)


def _write_funds(books: Books, moves: Sequence[Move]) -> None:
    """Store the funds that are made, and change those that are known."""
    books.funds.add_all([move.rolled for move in moves if not move.is_back])
    books.funds.update_all([_source_change(books, move) for move in moves])
    books.funds.update_all([_back_change(books, move) for move in moves if move.is_back])


def _source_change(books: Books, move: Move) -> Mapping[str, object]:
    fund, (units, minor) = move.source, _signed(move)
    return {
        "id": fund.id,
        "balance": subtract(fund.balance, units),
        "rolled_over": add(fund.rolled_over, units),
        "rolled_minor": fund.rolled_minor + minor,
        "transaction_count": fund.transaction_count + 1,
        **books.restamp(),
    }


def _back_change(books: Books, move: Move) -> Mapping[str, object]:
    fund = move.rolled
    return {
        "id": fund.id,
        "balance": subtract(fund.balance, move.units),
        "rolled_back": add(fund.rolled_back, move.units),
        "rolled_minor": fund.rolled_minor + move.price_minor,
        "transaction_count": fund.transaction_count + 1,
        **books.restamp(),
    }


def _write_ledger(books: Books, moves: Sequence[Move], balances: Balances) -> None:
    left = {identity: row.balance for identity, row in balances.items()}
    rows: list[BalanceTransaction] = []
    for move in moves:
        amounts = (subtract(ZERO, move.units), move.units)
        for fund, amount in zip(move.funds, amounts, strict=True):
            balance_id = fund.prepaid_balance_id
            left[balance_id] = add(left[balance_id], amount)
            rows.append(_row(books, move, fund, amount, left[balance_id]))
    books.transactions.add_all(rows)


def _row(
    books: Books, move: Move, fund: Fund, amount: Decimal, balance: Decimal
) -> BalanceTransaction:
    """Return the ledger row of one of the two funds."""
    is_source = fund is move.source
    kind = TransactionType.ROLLED_OVER if is_source else TransactionType.ROLLOVER
    is_new = not (is_source or move.is_back)
    place = 1 if is_new else fund.transaction_count + 1
    day = _day_of(move, fund)
    return ending_transaction(books, fund, kind, amount, day, sequence=place, balance=balance)


def _write_totals(books: Books, moves: Sequence[Move], balances: Balances) -> None:
    """Bring validity periods and balances to date; units count where they are."""
    total: dict[str, Decimal] = defaultdict(lambda: ZERO)
    left: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for move in moves:
        units, _ = _signed(move)
        source, rolled = move.source, move.rolled
        for identity in (rolled.validity_period_summary_id, rolled.prepaid_balance_id):
            total[identity] = add(total[identity], units)
        period_id = rolled.validity_period_summary_id
        left[period_id] = add(left[period_id], units)
        period_id = source.validity_period_summary_id
        left[period_id] = subtract(left[period_id], units)
    periods = books.validity_periods.list(id=list(left), order_by=("id",))
    held = {
        one.id: Held(
            add(one.total_balance, total[one.id]), add(one.remaining_balance, left[one.id])
        )
        for one in periods
    }
    books.validity_periods.update_all(
        [
            {
                "id": identity,
                "total_balance": now.total,
                "remaining_balance": now.remaining,
                **books.restamp(),
            }
            for identity, now in held.items()
        ]
    )
    tell_thresholds(
        books,
        (
            Change(one, Held(one.total_balance, one.remaining_balance), held[one.id])
            for one in periods
        ),
    )
    moved = dict.fromkeys(move.source.prepaid_balance_id for move in moves)
    books.balances.update_all(
        [
            {
                "id": identity,
                "total_fund": add(balances[identity].total_fund, total[identity]),
                "version": balances[identity].version + 1,
                **books.restamp(),
            }
            for identity in moved
        ]
    )


def _write_events(books: Books, moves: Sequence[Move]) -> None:
    """Tell of each source what rolled out of it in all, by a revenue event without an amount."""
    ids = [rollover_event_id(move.source.id, move.source.last_day) for move in moves]
    known = {event.id: event for event in books.events.list(id=ids)}
    events = []
    for identity, move in zip(ids, moves, strict=True):
        before = known.get(identity)
        quantity = add(before.quantity if before else ZERO, _signed(move)[0])
        row = DayRow(quantity, 0, before.created_at if before else books.now, books.now)
        events.append(rollover_event(fund_series(books, move.source), move.source.last_day, row))
    books.events.save_all(events, only=("quantity", "updated_at"))


def _write_schedules(books: Books, moves: Sequence[Move]) -> None:
    """Take the price out of the liability of one fund, and put it into that of the other."""
    ids = [fund.id for move in moves for fund in move.funds]
    own = {one.fund_id: one for one in books.schedules.list(fund_id=ids)}
    rest_id = open_ended(books.periods.list()).id
    openings: list[Opening] = []
    for move in moves:
        for fund, minor in zip(move.funds, (-move.price_minor, move.price_minor), strict=True):
            known = own.get(fund.id)
            if minor or known is None:
                owns, follows = (None, fund.id) if known else (fund.id, None)
                deferred = NewDistribution(amounts_minor={rest_id: minor}, type=FUND_ROLLED)
                like = replace(own[move.source.id], fund_id=owns, rolled_fund_id=follows)
                openings.append((_schedule(books, like, _day_of(move, fund), minor), deferred))
    open_together(books, openings)


def _schedule(books: Books, like: RevenueSchedule, day: date, minor: int) -> RevenueSchedule:
    """Return a schedule of a fund, with the accounting codes that `like` has."""
    return replace(
        like,
        id=books.new_id(),
        amount_minor=minor,
        schedule_date=day,
        reference_id=None,
        notes=None,
        custom_fields={},
        **books.stamp(),
    )


def _day_of(move: Move, fund: Fund) -> date:
    """Units leave a source on its last day, and are in a rolled fund from its first."""
    return fund.last_day if fund is move.source else fund.start_date


def _signed(move: Move) -> tuple[Decimal, int]:
    """Return the units and the price, negative if they go back."""
    if move.is_back:
        return subtract(ZERO, move.units), -move.price_minor
    return move.units, move.price_minor
