"""Regenerate the daily consumption rows and revenue events of a prepayment charge (U 4.4).

Two steps, so that live usage is not kept waiting. `rebuild_consumption` replays the append-only
ledger in a reader, for as long as that takes. `restore_consumption`, in the writer, replays what
came in since, and puts right what differs from the stored rows. The ledger, usage, schedules and
closed periods are never touched.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from earned.domain.accrual import Accrual, DayKey
from earned.domain.consumption import RevenueEvent
from earned.domain.errors import Denied, Invalid, Missing, NotFound, RuleBroken
from earned.domain.exact import ZERO, subtract
from earned.domain.prepaid import CONSUMING, BalanceTransaction, Fund
from earned.domain.subscription import RatePlanCharge
from earned.services.open_series import fund_accrual
from earned.services.ports import Above, Books
from earned.services.series_rows import Stored, fund_series, series_rows

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
    """A fund's rows as its ledger says, up to the transaction counted last."""

    fund: Fund
    accrual: Accrual
    transaction_count: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The funds in scope, replayed, and whether every row is to be stamped for collection."""

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
    criteria: dict[str, object] = {"source_id": charge_id}
    criteria |= {"charge_segment": segment} if segment else {}
    criteria |= {"id": fund_id} if fund_id else {}
    funds = books.funds.list(order_by=("id",), **criteria)
    if fund_id and not funds:
        raise NotFound.by_key(fund_id)
    rebuilt = [RebuiltFund(fund, fund_accrual(fund), 0) for fund in funds]
    for fund in rebuilt:
        _replay(books, fund)
    return Rebuilt(rebuilt, command.for_revenue_recollect)


def restore_consumption(books: Books, rebuilt: Rebuilt) -> Regenerated:
    """Make the stored rows those of the ledger; a row that is right already is left alone.

    With `for_revenue_recollect` every event in scope is stamped and flagged `Y` besides, and no
    quantity or amount moves.
    """
    books.lock_balances(fund.fund.prepaid_balance_id for fund in rebuilt.funds)
    total = Regenerated()
    for fund in rebuilt.funds:
        _replay(books, fund)
        series = fund_series(books, fund.fund)
        expected = series_rows(books, series, sorted(fund.accrual.rows.items()))
        done = _reconcile(books, fund.fund, expected)
        if rebuilt.for_revenue_recollect:
            done = replace(done, stamped=_stamp(books, fund.fund))
        total = _sum(total, done)
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
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= len(segments)):
        raise Invalid(BAD_SEGMENT, field="chargeSegmentNumber")
    return int(text)


def _replay(books: Books, fund: RebuiltFund) -> None:
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
        if row.transaction_type in CONSUMING:
            fund.accrual.move(_key(row), subtract(ZERO, row.amount), at)
    if at is not None:
        fund.accrual.settle(at)


def _key(row: BalanceTransaction) -> DayKey:
    number, segment, charge_id = (
        row.drawdown_charge_number,
        row.drawdown_charge_segment,
        row.drawdown_charge_id,
    )
    assert number is not None, "a drawdown says which charge drew"
    assert segment is not None
    assert charge_id is not None
    return DayKey(row.transaction_date, number, segment, charge_id)


def _reconcile(books: Books, fund: Fund, expected: Iterable[Stored]) -> Regenerated:
    days = {day.id: day for day, _ in expected}
    events = {event.id: event for _, event in expected}
    stored_days = books.consumption.list(fund_id=fund.id)
    stored_events = books.events.list(fund_id=fund.id)
    strays = [row for row in stored_days if row.id not in days]
    for stray in strays:
        books.consumption.remove(stray)
    for event in stored_events:
        if event.id not in events:
            books.events.remove(event)
    known = {row.id: row for row in stored_days}
    wrong = [day for identity, day in days.items() if known.get(identity) != day]
    known_events = {row.id: row for row in stored_events}
    books.consumption.save_all(wrong)
    books.events.save_all(
        [event for event in events.values() if not _is_right(known_events.get(event.id), event)]
    )
    inserted = sum(day.id not in known for day in wrong)
    return Regenerated(inserted, len(wrong) - inserted, len(strays))


def _is_right(stored: RevenueEvent | None, expected: RevenueEvent) -> bool:
    """Compare but for the stamp of a collection that was asked for, which is not of the ledger."""
    if stored is None:
        return False
    flag = {"regenerate_flag": stored.regenerate_flag}
    if stored.regenerate_flag == "Y":
        flag |= {"updated_at": stored.updated_at}  # type: ignore[dict-item]
    return stored == replace(expected, **flag)


def _stamp(books: Books, fund: Fund) -> int:
    rows = books.events.list(fund_id=fund.id)
    changes: list[Mapping[str, object]] = [
        {"id": row.id, "regenerate_flag": "Y", "updated_at": books.now} for row in rows
    ]
    books.events.update_all(changes)
    return len(changes)


def _sum(left: Regenerated, right: Regenerated) -> Regenerated:
    return Regenerated(
        left.inserted + right.inserted,
        left.changed + right.changed,
        left.removed + right.removed,
        left.stamped + right.stamped,
    )
