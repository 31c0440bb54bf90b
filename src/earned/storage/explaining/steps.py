"""How one kind of thing leads to another: which rows to look at, and whose they are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlalchemy import FromClause, and_, case, func, literal, or_, type_coerce
from sqlalchemy.types import Text

from earned.domain.consumption import EventType
from earned.domain.exact import ZERO
from earned.domain.explaining import Direction, NodeKind
from earned.domain.posting import TransactionType
from earned.domain.prepaid import CONSUMING, ENDING
from earned.storage.explaining.views import VIEWS, Expression, View
from earned.storage.tables.accounting import accounting_period
from earned.storage.tables.billing import billing_document_item, invoice_item_adjustment
from earned.storage.tables.consumption import daily_consumption, rating_result, revenue_event
from earned.storage.tables.journal import journal_entry, journal_entry_item, posted_source
from earned.storage.tables.prepaid import balance_transaction, fund
from earned.storage.tables.schedules import (
    collected,
    distribution,
    distribution_item,
    revenue_item,
    revenue_schedule,
)
from earned.storage.tables.usage import guided_usage, usage_record
from earned.storage.types import Exact


@dataclass(frozen=True, slots=True)
class Step:
    """Rows of a view, and the keys of the things that lead to them."""

    view: View
    parents: tuple[Expression, ...]


_K = NodeKind
_POSTED = posted_source.c
_DAY, _EVENT, _GUIDED = daily_consumption.c, revenue_event.c, guided_usage.c
_MOVE = balance_transaction.c


def _same(kind: NodeKind, *parents: Expression) -> Step:
    """Return the step to rows that name what leads to them."""
    return Step(VIEWS[kind], parents)


def _joined(kind: NodeKind, other: FromClause, on: Expression, *parents: Expression) -> Step:
    """Return the step to rows that another table connects with what leads to them."""
    view = VIEWS[kind]
    return Step(view.over(view.source.join(other, on)), parents)


def _in_force(source_id: Expression, period_id: Expression | None = None) -> Expression:
    """Say of a posted transaction that it is this one, and in the entry still."""
    same = _POSTED.source_id == source_id
    if period_id is not None:
        same = and_(same, _POSTED.period_id == period_id)
        same = and_(same, _POSTED.source_type == TransactionType.REVENUE_EVENT_ITEM.value)
    return and_(same, _POSTED.released_at.is_(None))


def _posted(kind: NodeKind, item: Expression, parents: tuple[Expression, ...]) -> Step:
    """Return the step from an entry, or an item of it, to the transactions it posts."""
    view = VIEWS[kind]
    source = view.source.join(posted_source, item)
    if len(parents) > 1:
        source = source.join(journal_entry_item, journal_entry_item.c.entry_id == _POSTED.entry_id)
    return Step(view.over(source), parents)


_ITEM_POSTED = _in_force(distribution_item.c.distribution_id, distribution_item.c.period_id)
_BILLED = or_(_in_force(billing_document_item.c.id), _in_force(billing_document_item.c.reversal_id))
_ADJUSTED = or_(
    _in_force(invoice_item_adjustment.c.id), _in_force(invoice_item_adjustment.c.reversal_id)
)
_TRANSACTIONS = (
    (_K.DISTRIBUTION_ITEM, _ITEM_POSTED),
    (_K.BILLING_ITEM, _BILLED),
    (_K.ADJUSTMENT, _ADJUSTED),
)
_ENTRY = (_POSTED.entry_id,)
_LINE = (_POSTED.entry_id, journal_entry_item.c.place.cast(Text))


def _lines(item: FromClause, on: Expression, *parents: Expression) -> Step:
    """Return the step from a transaction to both items of the entry it is in."""
    view = VIEWS[_K.JOURNAL_LINE]
    source = view.source.join(posted_source, _POSTED.entry_id == journal_entry.c.id)
    return Step(view.over(source.join(item, on)), parents)


def _is_of_event() -> Expression:
    """Say of a daily row that it is the one of a revenue event."""
    series = or_(_DAY.fund_id == _EVENT.fund_id, _DAY.rating_result_id == _EVENT.rating_result_id)
    used = and_(
        _DAY.usage_charge_id == _EVENT.usage_charge_id,
        _DAY.usage_charge_segment == _EVENT.usage_charge_segment,
    )
    endings = {EventType.FUND_EXPIRY.value: "EXPIRY", EventType.FUND_CREDIT.value: "CREDIT"}
    ending = case(endings, value=type_coerce(_EVENT.event_type, Text()))
    ended = type_coerce(_DAY.ending, Text()) == ending
    return and_(series, _DAY.transaction_date == _EVENT.transaction_date, or_(used, ended))


def _is_of_move() -> Expression:
    """Say of a daily row that a movement of units counts in it."""
    used = and_(
        _MOVE.transaction_type.in_(CONSUMING),
        _DAY.usage_charge_id == _MOVE.drawdown_charge_id,
        _DAY.usage_charge_segment == _MOVE.drawdown_charge_segment,
    )
    endings = {kind.value: ending.value for kind, ending in ENDING.items()}
    ending = case(endings, value=type_coerce(_MOVE.transaction_type, Text()))
    ended = type_coerce(_DAY.ending, Text()) == ending
    same_day = _DAY.transaction_date == _MOVE.transaction_date
    return and_(_DAY.fund_id == _MOVE.fund_id, same_day, or_(used, ended))


def _overage(kind: NodeKind, parent: Expression) -> Step:
    """Return the step between guided usage and the daily row of what no fund covered of it.

    The charge is of the account that used it, whose records have an index.
    """
    rated = and_(
        rating_result.c.entity_id == _GUIDED.entity_id,
        rating_result.c.charge_id == _GUIDED.charge_id,
        rating_result.c.charge_segment == _GUIDED.charge_segment,
        rating_result.c.service_start_date <= _GUIDED.usage_date,
        rating_result.c.service_end_date > _GUIDED.usage_date,
        func.coalesce(rating_result.c.group_key, "") == func.coalesce(_GUIDED.group_key, ""),
    )
    counted = and_(
        _DAY.rating_result_id == rating_result.c.id,
        _DAY.transaction_date == _GUIDED.usage_date,
        _DAY.account_id == usage_record.c.account_id,
        _GUIDED.remaining_quantity != literal(ZERO, Exact()),
    )
    tables = (
        guided_usage.join(usage_record, usage_record.c.id == _GUIDED.usage_id)
        .join(rating_result, rated)
        .join(daily_consumption, counted)
    )
    covered = {"quantity": _GUIDED.remaining_quantity} if kind is _K.GUIDED_USAGE else {}
    return Step(VIEWS[kind].over(tables, **covered), (parent,))


def _gave() -> Step:
    """Return the step from an item to the events that gave it its amount."""
    view = VIEWS[_K.REVENUE_EVENT]
    source = view.source.join(collected, collected.c.event_id == _EVENT.id)
    gave = view.over(source, amount_minor=collected.c.amount_minor)
    return Step(gave, (collected.c.distribution_id, collected.c.period_id))


def _went() -> Step:
    """Return the step from an event to the items that its amounts went into.

    Events of one run may cancel out: then no item was made, and the schedule's is told instead.
    """
    view, period, item = VIEWS[_K.DISTRIBUTION_ITEM], accounting_period.c, distribution_item.c
    same_item = and_(
        item.distribution_id == collected.c.distribution_id, item.period_id == collected.c.period_id
    )
    source = (
        collected.join(revenue_schedule, revenue_schedule.c.id == collected.c.schedule_id)
        .join(accounting_period, period.id == collected.c.period_id)
        .outerjoin(distribution, distribution.c.id == collected.c.distribution_id)
        .outerjoin(distribution_item, same_item)
    )
    number = func.coalesce(distribution.c.number, revenue_schedule.c.number)
    went = view.over(
        source,
        id=number.concat(":").concat(period.name),
        text=func.coalesce(distribution.c.event_type, "Cancelled out within one run"),
        amount_minor=collected.c.amount_minor,
        at=collected.c.created_at,
    )
    order = (collected.c.created_at, period.start_date)
    went = replace(went, entity_id=collected.c.entity_id, order=order)
    return Step(went, (collected.c.event_id,))


def _is_of_fund() -> Expression:
    """Say of a schedule that it defers the price of a fund, or takes credit or rollover from it."""
    schedule = revenue_schedule.c
    links = (schedule.fund_id, schedule.credited_fund_id, schedule.rolled_fund_id)
    return or_(*(link == fund.c.id for link in links))


def _linked(item: Expression) -> Step:
    return _same(_K.REVENUE_SCHEDULE, item)


_ITEM_PERIODS = (distribution.c.schedule_id, distribution_item.c.period_id)
_UP, _DOWN = Direction.UP, Direction.DOWN

STEPS: Mapping[tuple[Direction, NodeKind, NodeKind], Step] = MappingProxyType(
    {
        **{
            (_DOWN, parent, kind): _posted(kind, on, keys)
            for parent, keys in ((_K.JOURNAL_ENTRY, _ENTRY), (_K.JOURNAL_LINE, _LINE))
            for kind, on in _TRANSACTIONS
        },
        (_DOWN, _K.REVENUE_SCHEDULE, _K.REVENUE_ITEM): _same(
            _K.REVENUE_ITEM, revenue_item.c.schedule_id
        ),
        (_DOWN, _K.REVENUE_ITEM, _K.DISTRIBUTION_ITEM): _same(_K.DISTRIBUTION_ITEM, *_ITEM_PERIODS),
        (_DOWN, _K.DISTRIBUTION, _K.DISTRIBUTION_ITEM): _same(
            _K.DISTRIBUTION_ITEM, distribution.c.id
        ),
        (_DOWN, _K.DISTRIBUTION_ITEM, _K.REVENUE_EVENT): _gave(),
        **{
            (direction, _K.BILLING_DOCUMENT, _K.BILLING_ITEM): _same(
                _K.BILLING_ITEM, billing_document_item.c.document_id
            )
            for direction in Direction
        },
        (_DOWN, _K.REVENUE_EVENT, _K.DAILY_CONSUMPTION): _joined(
            _K.DAILY_CONSUMPTION, revenue_event, _is_of_event(), _EVENT.id
        ),
        (_DOWN, _K.RATING_RESULT, _K.DAILY_CONSUMPTION): _same(
            _K.DAILY_CONSUMPTION, _DAY.rating_result_id
        ),
        (_DOWN, _K.FUND, _K.BALANCE_TRANSACTION): _same(_K.BALANCE_TRANSACTION, _MOVE.fund_id),
        (_DOWN, _K.DAILY_CONSUMPTION, _K.BALANCE_TRANSACTION): _joined(
            _K.BALANCE_TRANSACTION, daily_consumption, _is_of_move(), _DAY.id
        ),
        (_DOWN, _K.DAILY_CONSUMPTION, _K.GUIDED_USAGE): _overage(_K.GUIDED_USAGE, _DAY.id),
        (_DOWN, _K.BALANCE_TRANSACTION, _K.GUIDED_USAGE): _joined(
            _K.GUIDED_USAGE, balance_transaction, _MOVE.source_id == _GUIDED.id, _MOVE.id
        ),
        (_DOWN, _K.GUIDED_USAGE, _K.USAGE): _joined(
            _K.USAGE, guided_usage, _GUIDED.usage_id == usage_record.c.id, _GUIDED.id
        ),
        (_UP, _K.USAGE, _K.GUIDED_USAGE): _same(_K.GUIDED_USAGE, _GUIDED.usage_id),
        (_UP, _K.GUIDED_USAGE, _K.BALANCE_TRANSACTION): _joined(
            _K.BALANCE_TRANSACTION,
            guided_usage,
            and_(_MOVE.usage_id == _GUIDED.usage_id, _MOVE.source_id == _GUIDED.id),
            _GUIDED.id,
        ),
        (_UP, _K.GUIDED_USAGE, _K.DAILY_CONSUMPTION): _overage(_K.DAILY_CONSUMPTION, _GUIDED.id),
        (_UP, _K.BALANCE_TRANSACTION, _K.DAILY_CONSUMPTION): _joined(
            _K.DAILY_CONSUMPTION, balance_transaction, _is_of_move(), _MOVE.id
        ),
        (_UP, _K.DAILY_CONSUMPTION, _K.REVENUE_EVENT): _joined(
            _K.REVENUE_EVENT, daily_consumption, _is_of_event(), _DAY.id
        ),
        (_UP, _K.REVENUE_EVENT, _K.DISTRIBUTION_ITEM): _went(),
        (_UP, _K.FUND, _K.REVENUE_SCHEDULE): _joined(
            _K.REVENUE_SCHEDULE, fund, _is_of_fund(), fund.c.id
        ),
        (_UP, _K.RATING_RESULT, _K.REVENUE_SCHEDULE): _linked(revenue_schedule.c.rating_result_id),
        (_UP, _K.BILLING_ITEM, _K.REVENUE_SCHEDULE): _linked(revenue_schedule.c.linked_id),
        (_UP, _K.ADJUSTMENT, _K.REVENUE_SCHEDULE): _linked(revenue_schedule.c.linked_id),
        (_UP, _K.REVENUE_SCHEDULE, _K.DISTRIBUTION_ITEM): _same(
            _K.DISTRIBUTION_ITEM, distribution.c.schedule_id
        ),
        (_UP, _K.REVENUE_ITEM, _K.DISTRIBUTION_ITEM): _same(_K.DISTRIBUTION_ITEM, *_ITEM_PERIODS),
        (_UP, _K.DISTRIBUTION, _K.DISTRIBUTION_ITEM): _same(
            _K.DISTRIBUTION_ITEM, distribution.c.id
        ),
        (_UP, _K.DISTRIBUTION_ITEM, _K.JOURNAL_LINE): _lines(
            distribution_item,
            _ITEM_POSTED,
            distribution_item.c.distribution_id,
            distribution_item.c.period_id,
        ),
        (_UP, _K.BILLING_ITEM, _K.JOURNAL_LINE): _lines(
            billing_document_item, _BILLED, billing_document_item.c.id
        ),
        (_UP, _K.ADJUSTMENT, _K.JOURNAL_LINE): _lines(
            invoice_item_adjustment, _ADJUSTED, invoice_item_adjustment.c.id
        ),
        (_UP, _K.JOURNAL_LINE, _K.JOURNAL_ENTRY): _joined(
            _K.JOURNAL_ENTRY,
            journal_entry_item,
            journal_entry_item.c.entry_id == journal_entry.c.id,
            journal_entry_item.c.entry_id,
            journal_entry_item.c.place.cast(Text),
        ),
    }
)
"""The rows that each step of an explanation leads to."""
