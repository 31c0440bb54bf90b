"""Regenerate the daily consumption rows and revenue events of a prepayment charge (U 4.4).

Two steps, so that live usage is not kept waiting. `rebuild_consumption` replays the append-only
ledger in a reader, for as long as that takes. `restore_consumption`, in the writer, replays what
came in since, and puts right what differs from the stored rows. The ledger, usage, schedules and
closed periods are never touched.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from earned.domain.accrual import Accrual, DayKey, DayRow, ending_key
from earned.domain.consumption import RevenueEvent
from earned.domain.errors import Denied, Invalid, Missing, NotFound, RuleBroken
from earned.domain.exact import ZERO, subtract
from earned.domain.prepaid import (
    CONSUMING,
    ENDING,
    BalanceTransaction,
    Fund,
    TransactionType,
)
from earned.domain.subscription import RatePlanCharge
from earned.services.leave_trace import leave_trace
from earned.services.open_series import fund_accrual
from earned.services.ports import Above, Books
from earned.services.series_rows import Stored, fund_series, rollover_event, series_rows

FEATURE_OFF = "The Prepaid with Drawdown feature is not enabled."
NOT_PREPAYMENT = "The charge is not a prepayment charge."
BAD_SEGMENT = "'chargeSegmentNumber' value should be a segment number of the charge"
_ID_LENGTH_MAX = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RegenerateConsumption:
    """Which rows to regenerate, as sent, and whether revenue should be collected again."""

    original_charge_id: object
    charge_segment_number: object = None
    fund_id: object = None
    for_revenue_recollect: bool = False


@dataclass(slots=True, eq=False)
class RebuiltFund:
    """A fund's rows as its ledger says, up to the transaction counted last.

    What rolled out of it is by day, like its rows, and has no amount.
    """

    fund: Fund
    accrual: Accrual
    transaction_count: int
    rolled: dict[date, DayRow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The funds of a charge in scope, replayed, and whether to stamp every row for collection."""

    charge_id: str
    funds: Sequence[RebuiltFund]
    for_revenue_recollect: bool


@dataclass(frozen=True, slots=True)
class Regenerated:
    """What a regeneration found to do."""

    inserted: int = 0
    changed: int = 0
    removed: int = 0
    stamped: int = 0


def rebuild_consumption(books: Books, command: RegenerateConsumption) -> Rebuilt:
    """Replay the ledger of every fund in scope, as it stands.

    Raises `Denied` where the feature is off, `Missing` or `Invalid` for a bad field, `NotFound`
    for an unknown charge or a fund that is not the charge's, `RuleBroken` for another kind of
    charge.
    """
    if not books.settings.prepaid_with_drawdown:
        raise Denied(FEATURE_OFF)
    charge_id = _identifier(command.original_charge_id, "originalChargeId", required=True)
    fund_id = _identifier(command.fund_id, "fundId")
    segments = books.charges.list(original_id=charge_id, is_latest=True, order_by=("segment",))
    segment = _segment(command.charge_segment_number, segments)
    if not segments:
        raise NotFound.by_key(str(charge_id))
    if not segments[0].is_topup:
        raise RuleBroken(NOT_PREPAYMENT, field="originalChargeId")
    criteria: dict[str, Any] = {"source_id": charge_id}
    criteria |= {"charge_segment": segment} if segment else {}
    criteria |= {"id": fund_id} if fund_id else {}
    funds = books.funds.list(order_by=("id",), **criteria)
    if fund_id and not funds:
        raise NotFound.by_key(fund_id)
    rebuilt = [RebuiltFund(fund, fund_accrual(books, fund), 0) for fund in funds]
    for fund in rebuilt:
        replay(books, fund)
    return Rebuilt(segments[0].original_id, rebuilt, command.for_revenue_recollect)


def restore_consumption(books: Books, rebuilt: Rebuilt) -> Regenerated:
    """Make the stored rows those of the ledger; a row that is right already is left alone.

    With `for_revenue_recollect` every event in scope is stamped and flagged `Y` besides, and no
    quantity or amount moves. What was done is told in the audit log. What was rebuilt is not
    touched: the group this runs in may fail and be tried again.
    """
    total = restore_rows(books, rebuilt)
    leave_trace(books, "regenerated", "RatePlanCharge", rebuilt.charge_id, asdict(total))
    return total


def restore_rows(books: Books, rebuilt: Rebuilt) -> Regenerated:
    """Do so, and tell nobody."""
    balances = books.lock_balances(fund.fund.prepaid_balance_id for fund in rebuilt.funds)
    funds = {row.id: row for row in books.funds.list(id=[one.fund.id for one in rebuilt.funds])}
    wrong: set[str] = set()
    total = Regenerated()
    for known in rebuilt.funds:
        fund = _copy(books, known, funds[known.fund.id])
        replay(books, fund)
        series = fund_series(books, fund.fund)
        expected = series_rows(books, series, sorted(fund.accrual.rows.items()))
        events = [event for _, event in expected] + [
            rollover_event(series, day, row) for day, row in sorted(fund.rolled.items())
        ]
        done = _reconcile(books, fund.fund, expected)
        _reconcile_events(books, fund.fund, events)
        if done != Regenerated():
            wrong.add(fund.fund.prepaid_balance_id)
        if rebuilt.for_revenue_recollect:
            done = replace(done, stamped=_stamp(books, fund.fund))
        total = sum_of(total, done)
    # Whoever holds the wrong rows in memory must not write them back.
    books.balances.update_all(
        [{"id": row.id, "version": row.version + 1} for row in balances if row.id in wrong]
    )
    return total


def _identifier(value: object, name: str, *, required: bool = False) -> str | None:
    if value is None or value == "":
        if required:
            raise Missing(f"'{name}' may not be null", field=name)
        return None
    if not isinstance(value, str) or len(value) > _ID_LENGTH_MAX:
        raise Invalid(f"'{name}' value is invalid", field=name)
    return value


def _segment(value: object, segments: Sequence[RatePlanCharge]) -> int | None:
    """Read a segment number; the charge's own number stands for all its segments."""
    if value is None or value == "":
        return None
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if any(text == charge.number for charge in segments):
        return None
    for charge in segments:
        if text == str(charge.segment):
            return charge.segment
    raise Invalid(BAD_SEGMENT, field="chargeSegmentNumber")


def _copy(books: Books, known: RebuiltFund, fund: Fund) -> RebuiltFund:
    """Return what was rebuilt, to go on with; the fund as it is now, it may have been credited."""
    rows = ((key, replace(row)) for key, row in known.accrual.rows.items())
    rolled = {day: replace(row) for day, row in known.rolled.items()}
    return RebuiltFund(fund, fund_accrual(books, fund, rows), known.transaction_count, rolled)


def replay(books: Books, fund: RebuiltFund) -> None:
    """Move what the ledger has beyond the transaction counted last, group by group.

    Rows of one group share an instant, and were settled together when they were written.
    """
    at: datetime | None = None
    since = Above(fund.transaction_count)
    for row in books.transactions.stream(
        fund_id=fund.fund.id, sequence=since, order_by=("sequence",)
    ):
        if at is not None and row.created_at != at:
            fund.accrual.settle(at)
        at = row.created_at
        fund.transaction_count = row.sequence
        if row.transaction_type is TransactionType.PREPAYMENT_ADJUSTMENT:
            _revalue(fund, at)
        if row.transaction_type is TransactionType.ROLLED_OVER:
            _roll(fund, row)
        elif (key := _key(row)) is not None:
            fund.accrual.move(key, subtract(ZERO, row.amount), at)
    if at is not None:
        fund.accrual.settle(at)


def _revalue(fund: RebuiltFund, at: datetime) -> None:
    """Have all rows stamped: what hangs on the price and segment of the fund has changed."""
    fund.accrual.revalue()
    for row in fund.rolled.values():
        row.updated_at = at


def _roll(fund: RebuiltFund, row: BalanceTransaction) -> None:
    """Count what rolled out of a fund, or came back to it."""
    day, at = row.transaction_date, row.created_at
    known = fund.rolled.setdefault(day, DayRow(ZERO, 0, at, at))
    known.quantity = subtract(known.quantity, row.amount)
    known.updated_at = at


def _key(row: BalanceTransaction) -> DayKey | None:
    """Return which daily row a transaction counts in; the one that funds counts in none."""
    if row.transaction_type in ENDING:
        return ending_key(ENDING[row.transaction_type], row.transaction_date)
    if row.transaction_type not in CONSUMING:
        return None
    number, segment, charge_id = (
        row.drawdown_charge_number,
        row.drawdown_charge_segment,
        row.drawdown_charge_id,
    )
    assert number is not None, "a drawdown says which charge drew"
    assert segment is not None
    assert charge_id is not None
    return DayKey(row.transaction_date, number, segment, charge_id)


def _reconcile(books: Books, fund: Fund, expected: Sequence[Stored]) -> Regenerated:
    days = {day.id: day for day, _ in expected}
    known = {row.id: row for row in books.consumption.list(fund_id=fund.id)}
    strays = [row for identity, row in known.items() if identity not in days]
    for stray in strays:
        books.consumption.remove(stray)
    wrong = [day for identity, day in days.items() if known.get(identity) != day]
    books.consumption.save_all(wrong)
    inserted = sum(day.id not in known for day in wrong)
    return Regenerated(inserted, len(wrong) - inserted, len(strays))


def _reconcile_events(books: Books, fund: Fund, expected: Sequence[RevenueEvent]) -> None:
    """Make the events those of the ledger, each collected for what runs collected of it."""
    collected = _collected(books, fund)
    known = {row.id: row for row in books.events.list(fund_id=fund.id)}
    wanted = {event.id for event in expected}
    for identity, stray in known.items():
        if identity not in wanted:
            _take_out(books, stray, collected.get(identity))
    right = [replace(event, collected_minor=collected[event.id]) for event in expected]
    books.events.save_all([event for event in right if not _is_right(known.get(event.id), event)])


def _collected(books: Books, fund: Fund) -> Counter[str]:
    """Return what was collected of each event of a fund, whether or not its row is there."""
    schedule = books.schedules.find(fund_id=fund.id)
    found: Counter[str] = Counter()
    for one in books.collected.list(schedule_id=schedule.id) if schedule else ():
        found[one.event_id] += one.amount_minor
    return found


def _take_out(books: Books, stray: RevenueEvent, collected_minor: int | None) -> None:
    """Take out an event that the ledger does not know.

    If it was ever collected it stays, deleted: what it gave is taken back, and has to be explained.
    """
    if collected_minor is None:
        books.events.remove(stray)
    elif not stray.deleted or stray.collected_minor != collected_minor:
        books.events.change(stray, deleted=True, collected_minor=collected_minor)


def _is_right(stored: RevenueEvent | None, expected: RevenueEvent) -> bool:
    """Compare but for the stamp of a collection that was asked for, which is not of the ledger.

    The flag of it goes when the event is collected, the later stamp stays.
    """
    if stored is None:
        return False
    return stored == replace(
        expected,
        regenerate_flag=stored.regenerate_flag,
        updated_at=max(stored.updated_at, expected.updated_at),
    )


def _stamp(books: Books, fund: Fund) -> int:
    rows = books.events.list(fund_id=fund.id)
    changes: list[Mapping[str, object]] = [
        {"id": row.id, "regenerate_flag": "Y", "updated_at": books.now} for row in rows
    ]
    books.events.update_all(changes)
    return len(changes)


def sum_of(left: Regenerated, right: Regenerated) -> Regenerated:
    """Return both together."""
    return Regenerated(
        left.inserted + right.inserted,
        left.changed + right.changed,
        left.removed + right.removed,
        left.stamped + right.stamped,
    )
