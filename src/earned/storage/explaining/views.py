"""How each kind of thing is read as a node: from which tables, and what its columns say."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, case, cast, func, literal, null, type_coerce

from earned.domain.accounting import PeriodStatus
from earned.domain.explaining import NodeKind
from earned.storage.tables.accounting import accounting_period
from earned.storage.tables.billing import (
    billing_document,
    billing_document_item,
    invoice_item_adjustment,
)
from earned.storage.tables.consumption import daily_consumption, rating_result, revenue_event
from earned.storage.tables.journal import journal_entry, journal_entry_item
from earned.storage.tables.prepaid import balance_transaction, fund
from earned.storage.tables.schedules import (
    distribution,
    distribution_item,
    revenue_item,
    revenue_schedule,
)
from earned.storage.tables.usage import guided_usage, usage_record
from earned.storage.types import Day, Exact, Instant, Whole

Expression = ColumnElement[Any]

COLUMNS: Mapping[str, Any] = MappingProxyType(
    {
        "id": Text(),
        "number": Text(),
        "text": Text(),
        "day": Day(),
        "period_name": Text(),
        "currency": Text(),
        "amount_minor": Whole,
        "quantity": Exact(),
        "uom": Text(),
        "at": Instant(),
    }
)
"""What a node says, and the type of each; what a kind has not is null."""


@dataclass(frozen=True, slots=True)
class View:
    """The rows of one kind: their tables, keys, owner, columns, and a lasting order.

    `account_id` is None where a thing belongs to the whole entity. Where two sides of the same are
    among the rows, their amounts have no sum.
    """

    kind: NodeKind
    source: FromClause
    entity_id: Expression
    keys: tuple[Expression, ...]
    account_id: Expression | None
    columns: Mapping[str, Expression] = field(default_factory=dict)
    order: tuple[Expression, ...] = ()
    has_sum: bool = True

    def column(self, name: str) -> Expression:
        """Return the expression of a column."""
        found = self.columns.get(name)
        return self.absent(name) if found is None else found

    @staticmethod
    def absent(name: str) -> Expression:
        """Return the expression of a column that the kind has not."""
        return cast(null(), COLUMNS[name])

    def over(self, source: FromClause, **columns: Expression) -> "View":
        """Return the view from more tables, with other columns."""
        return replace(self, source=source, columns={**self.columns, **columns})


def _item_id(number: Expression, part: Expression) -> Expression:
    return number.concat(":").concat(part)


def _is(flag: Expression) -> Expression:
    return flag == literal(value=True, type_=flag.type)


_PERIOD = accounting_period.c
_SCHEDULE, _DISTRIBUTION = revenue_schedule.c, distribution.c
_RECOGNIZED = case((_PERIOD.status == PeriodStatus.CLOSED, "recognized"), else_="open")

_entry = View(
    NodeKind.JOURNAL_ENTRY,
    journal_entry.outerjoin(accounting_period, _PERIOD.id == journal_entry.c.period_id),
    journal_entry.c.entity_id,
    (journal_entry.c.id,),
    None,
    {
        "id": journal_entry.c.number,
        "number": journal_entry.c.number,
        "text": func.coalesce(journal_entry.c.transaction_type, journal_entry.c.status),
        "day": journal_entry.c.journal_entry_date,
        "period_name": _PERIOD.name,
        "currency": journal_entry.c.currency,
        "amount_minor": journal_entry.c.total_minor,
        "at": journal_entry.c.created_at,
    },
    (journal_entry.c.number,),
)

_line = View(
    NodeKind.JOURNAL_LINE,
    _entry.source.join(journal_entry_item, journal_entry_item.c.entry_id == journal_entry.c.id),
    journal_entry_item.c.entity_id,
    (journal_entry_item.c.entry_id, journal_entry_item.c.place.cast(Text)),
    None,
    {
        **_entry.columns,
        "id": _item_id(journal_entry.c.number, journal_entry_item.c.place.cast(Text)),
        "text": type_coerce(journal_entry_item.c.side, Text())
        .concat(" ")
        .concat(func.coalesce(journal_entry_item.c.code_name, journal_entry_item.c.code_type)),
        "amount_minor": journal_entry_item.c.amount_minor,
    },
    (journal_entry.c.number, journal_entry_item.c.place),
    has_sum=False,
)

_schedule = View(
    NodeKind.REVENUE_SCHEDULE,
    revenue_schedule,
    _SCHEDULE.entity_id,
    (_SCHEDULE.id,),
    _SCHEDULE.account_id,
    {
        "id": _SCHEDULE.number,
        "number": _SCHEDULE.number,
        "text": _SCHEDULE.rule_name,
        "day": _SCHEDULE.schedule_date,
        "currency": _SCHEDULE.currency,
        "amount_minor": _SCHEDULE.amount_minor,
        "at": _SCHEDULE.created_at,
    },
    (_SCHEDULE.number,),
)

_item = View(
    NodeKind.REVENUE_ITEM,
    revenue_item.join(revenue_schedule, _SCHEDULE.id == revenue_item.c.schedule_id).join(
        accounting_period, _PERIOD.id == revenue_item.c.period_id
    ),
    revenue_item.c.entity_id,
    (revenue_item.c.schedule_id, revenue_item.c.period_id),
    _SCHEDULE.account_id,
    {
        "id": _item_id(_SCHEDULE.number, _PERIOD.name),
        "number": _SCHEDULE.number,
        "text": _RECOGNIZED,
        "period_name": _PERIOD.name,
        "currency": _SCHEDULE.currency,
        "amount_minor": revenue_item.c.amount_minor,
    },
    (_SCHEDULE.number, _PERIOD.start_date.is_(None), _PERIOD.start_date),
)

_distribution = View(
    NodeKind.DISTRIBUTION,
    distribution.join(revenue_schedule, _SCHEDULE.id == _DISTRIBUTION.schedule_id),
    _DISTRIBUTION.entity_id,
    (_DISTRIBUTION.id,),
    _SCHEDULE.account_id,
    {
        "id": _DISTRIBUTION.number,
        "number": _DISTRIBUTION.number,
        "text": _DISTRIBUTION.event_type,
        "currency": _SCHEDULE.currency,
        "at": _DISTRIBUTION.created_at,
    },
    (_DISTRIBUTION.number,),
)

_distribution_item = View(
    NodeKind.DISTRIBUTION_ITEM,
    _distribution.source.join(
        distribution_item, distribution_item.c.distribution_id == _DISTRIBUTION.id
    ).join(accounting_period, _PERIOD.id == distribution_item.c.period_id),
    distribution_item.c.entity_id,
    (distribution_item.c.distribution_id, distribution_item.c.period_id),
    _SCHEDULE.account_id,
    {
        **_distribution.columns,
        "id": _item_id(_DISTRIBUTION.number, _PERIOD.name),
        "period_name": _PERIOD.name,
        "amount_minor": distribution_item.c.amount_minor,
    },
    (_DISTRIBUTION.number, _PERIOD.start_date.is_(None), _PERIOD.start_date),
)

_document = View(
    NodeKind.BILLING_DOCUMENT,
    billing_document,
    billing_document.c.entity_id,
    (billing_document.c.id,),
    billing_document.c.account_id,
    {
        "id": billing_document.c.id,
        "number": billing_document.c.number,
        "text": type_coerce(billing_document.c.kind, Text()),
        "day": billing_document.c.document_date,
        "currency": billing_document.c.currency,
        "amount_minor": billing_document.c.amount_minor,
        "at": billing_document.c.created_at,
    },
    (billing_document.c.number,),
)

_billing_item = View(
    NodeKind.BILLING_ITEM,
    billing_document_item.join(
        billing_document, billing_document.c.id == billing_document_item.c.document_id
    ),
    billing_document_item.c.entity_id,
    (billing_document_item.c.id,),
    billing_document_item.c.account_id,
    {
        "id": billing_document_item.c.id,
        "number": billing_document.c.number,
        "text": billing_document_item.c.charge_name,
        "day": billing_document.c.document_date,
        "currency": billing_document.c.currency,
        "amount_minor": billing_document_item.c.amount_minor,
        "quantity": billing_document_item.c.quantity,
        "uom": billing_document_item.c.uom,
        "at": billing_document_item.c.created_at,
    },
    (billing_document.c.number, billing_document_item.c.place),
)

_adjustment = View(
    NodeKind.ADJUSTMENT,
    invoice_item_adjustment,
    invoice_item_adjustment.c.entity_id,
    (invoice_item_adjustment.c.id,),
    invoice_item_adjustment.c.account_id,
    {
        "id": invoice_item_adjustment.c.id,
        "number": invoice_item_adjustment.c.number,
        "text": invoice_item_adjustment.c.type,
        "day": invoice_item_adjustment.c.adjustment_date,
        "currency": invoice_item_adjustment.c.currency,
        "amount_minor": invoice_item_adjustment.c.amount_minor,
        "at": invoice_item_adjustment.c.created_at,
    },
    (invoice_item_adjustment.c.number,),
)

_event = View(
    NodeKind.REVENUE_EVENT,
    revenue_event,
    revenue_event.c.entity_id,
    (revenue_event.c.id,),
    revenue_event.c.account_id,
    {
        "id": revenue_event.c.id,
        "number": revenue_event.c.charge_number,
        "text": revenue_event.c.event_type,
        "day": revenue_event.c.transaction_date,
        "currency": revenue_event.c.currency,
        "amount_minor": revenue_event.c.amount_minor,
        "quantity": revenue_event.c.quantity,
        "at": revenue_event.c.created_at,
    },
    (revenue_event.c.transaction_date, revenue_event.c.id),
)

_day = View(
    NodeKind.DAILY_CONSUMPTION,
    daily_consumption,
    daily_consumption.c.entity_id,
    (daily_consumption.c.id,),
    daily_consumption.c.account_id,
    {
        "id": daily_consumption.c.id,
        "number": daily_consumption.c.usage_charge_number,
        "text": func.coalesce(daily_consumption.c.usage_charge_name, daily_consumption.c.ending),
        "day": daily_consumption.c.transaction_date,
        "currency": daily_consumption.c.currency,
        "amount_minor": daily_consumption.c.amount_minor,
        "quantity": daily_consumption.c.quantity,
        "at": daily_consumption.c.created_at,
    },
    (daily_consumption.c.transaction_date, daily_consumption.c.id),
)

_rating = View(
    NodeKind.RATING_RESULT,
    rating_result,
    rating_result.c.entity_id,
    (rating_result.c.id,),
    rating_result.c.account_id,
    {
        "id": rating_result.c.id,
        "number": rating_result.c.charge_number,
        "text": rating_result.c.status,
        "day": rating_result.c.service_start_date,
        "currency": rating_result.c.currency,
        "amount_minor": rating_result.c.amount_minor,
        "quantity": rating_result.c.quantity,
        "at": rating_result.c.created_at,
    },
    (rating_result.c.service_start_date, rating_result.c.id),
)

_fund = View(
    NodeKind.FUND,
    fund,
    fund.c.entity_id,
    (fund.c.id,),
    fund.c.account_id,
    {
        "id": fund.c.id,
        "number": fund.c.charge_number,
        "day": fund.c.start_date,
        "currency": fund.c.currency,
        "amount_minor": fund.c.funding_price_minor,
        "quantity": fund.c.funded_balance,
        "at": fund.c.created_at,
    },
    (fund.c.start_date, fund.c.id),
)

_transaction = View(
    NodeKind.BALANCE_TRANSACTION,
    balance_transaction,
    balance_transaction.c.entity_id,
    (balance_transaction.c.id,),
    balance_transaction.c.account_id,
    {
        "id": balance_transaction.c.id,
        "number": balance_transaction.c.drawdown_charge_number,
        "text": balance_transaction.c.transaction_type,
        "day": balance_transaction.c.transaction_date,
        "quantity": balance_transaction.c.amount,
        "at": balance_transaction.c.created_at,
    },
    (balance_transaction.c.created_at, balance_transaction.c.id),
)

_guided = View(
    NodeKind.GUIDED_USAGE,
    guided_usage,
    guided_usage.c.entity_id,
    (guided_usage.c.id,),
    guided_usage.c.account_id,
    {
        "id": guided_usage.c.id,
        "number": guided_usage.c.charge_number,
        "text": case((_is(guided_usage.c.deleted), "Deleted"), else_=guided_usage.c.status),
        "day": guided_usage.c.usage_date,
        "quantity": guided_usage.c.quantity,
        "uom": guided_usage.c.uom,
        "at": guided_usage.c.created_at,
    },
    (guided_usage.c.id,),
)

_usage = View(
    NodeKind.USAGE,
    usage_record,
    usage_record.c.entity_id,
    (usage_record.c.id,),
    usage_record.c.account_id,
    {
        "id": usage_record.c.id,
        "number": usage_record.c.unique_key,
        "text": case((_is(usage_record.c.deleted), "Deleted"), else_=usage_record.c.rbe_status),
        "day": usage_record.c.usage_date,
        "quantity": usage_record.c.quantity,
        "uom": usage_record.c.uom,
        "at": usage_record.c.created_at,
    },
    (usage_record.c.id,),
)

VIEWS: Mapping[NodeKind, View] = MappingProxyType(
    {
        view.kind: view
        for view in (
            *(_entry, _line, _schedule, _item, _distribution, _distribution_item),
            *(_document, _billing_item, _adjustment, _event, _day, _rating, _fund),
            *(_transaction, _guided, _usage),
        )
    }
)
