"""Where postings come from: a select of transactions for each type that a journal run picks up.

THE place to add a further source of postings: write a function that selects, for a `Target`, the
columns of `COLUMNS` in their order, and name it in `SOURCES` under its transaction type. Runs,
releases, trial balances and the audit then know it.

- A transaction is known by `source_id` and `period_id`. One that belongs to a day and to no period
  says `target.period_id`.
- The codes are the sides of a positive amount; a negative one is swapped later (R 6.3). They must
  be what the transaction itself has kept, not looked up in a chart of accounts that may change.
- Transactions that have no amount are left out.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from earned.domain.billing import TRAITS, AdjustmentType, DocumentKind
from earned.domain.posting import RULES, UNBILLED, Target, TransactionType
from earned.storage.tables.accounts import account
from earned.storage.tables.billing import (
    billing_document,
    billing_document_item,
    invoice_item_adjustment,
)
from earned.storage.tables.schedules import distribution, distribution_item, revenue_schedule

Source = Callable[[Target], Select[Any]]

CODES = ("debit_name", "debit_type", "credit_name", "credit_type")
AMOUNT = "amount_minor"
COLUMNS = ("source_id", "period_id", "currency", *CODES, AMOUNT)
Columns = Mapping[str, Any] | ReadOnlyColumnCollection[str, Any]
_PARTS = ("", "_type")


def _revenue_event_items(target: Target) -> Select[Any]:
    """What distributions put into and took from the period, of schedules that are in force."""
    item, schedule = distribution_item.c, revenue_schedule.c
    deferred, recognized = RULES[TransactionType.REVENUE_EVENT_ITEM]
    deferred_type = func.coalesce(schedule.deferred_code_type, deferred)
    is_overage = schedule.rating_result_id.is_not(None)
    statement = (
        select(
            item.distribution_id.label("source_id"),
            item.period_id,
            schedule.currency,
            case(
                (is_overage & (deferred_type != UNBILLED), null()),
                else_=schedule.deferred_code,
            ).label("debit_name"),
            case(
                (is_overage, literal(UNBILLED)),
                else_=deferred_type,
            ).label("debit_type"),
            schedule.recognized_code.label("credit_name"),
            func.coalesce(schedule.recognized_code_type, recognized).label("credit_type"),
            item.amount_minor,
        )
        .join_from(distribution_item, distribution)
        .join(revenue_schedule, distribution.c.schedule_id == schedule.id)
        .where(
            item.entity_id == target.entity_id,
            item.period_id == target.period_id,
            schedule.deleted == false(),
        )
    )
    if not target.organization_ids:
        return statement
    of_account = account.c.id == schedule.account_id
    mine = account.c.organization_id.in_(target.organization_ids)
    return statement.join(account, of_account).where(mine)


def _document_items(kind: DocumentKind) -> Source:
    """Return the source of what documents of a kind post on their dates."""

    def source(target: Target) -> Select[Any]:
        item, document = billing_document_item, billing_document.c
        rows = (
            select()
            .join_from(item, billing_document)
            .where(
                item.c.entity_id == target.entity_id,
                document.kind == kind,
                document.posted_at.is_not(None),
                document.document_date.between(target.start, target.end),
                *_of_organizations(item.c.account_id, target),
            )
        )
        taken = kind is DocumentKind.CREDIT_MEMO
        return _both_ways(rows, item.c, document.currency, target, taken=taken)

    return source


def _adjustments(target: Target) -> Select[Any]:
    """What adjustments of invoice items post on their dates; a credit is negative."""
    adjustment = invoice_item_adjustment.c
    rows = (
        select()
        .select_from(invoice_item_adjustment)
        .where(
            adjustment.entity_id == target.entity_id,
            adjustment.adjustment_date.between(target.start, target.end),
            *_of_organizations(adjustment.account_id, target),
        )
    )
    effect = case(
        (adjustment.type == AdjustmentType.CREDIT, -adjustment.amount_minor),
        else_=adjustment.amount_minor,
    )
    columns = {**dict(adjustment.items()), "amount_minor": effect}
    return _both_ways(rows, columns, adjustment.currency, target)


def _both_ways(
    rows: Select[Any],
    columns: Columns,
    currency: ColumnElement[str],
    target: Target,
    *,
    taken: bool = False,
) -> Select[Any]:
    """Select what transactions posted, and what of it was posted back when they were canceled.

    The receivable is debited, or credited where it is `taken` away from.
    """
    codes = [columns[f"{side}_code{part}"] for side in ("receivable", "contra") for part in _PARTS]
    if taken:
        codes = codes[2:] + codes[:2]
    named = [code.label(name) for name, code in zip(CODES, codes, strict=True)]
    period = literal(target.period_id).label("period_id")
    amount, reversal = columns["amount_minor"], columns["reversal_id"]
    given = (period, currency, *named)
    posted = rows.add_columns(columns["id"].label("source_id"), *given, amount.label(AMOUNT))
    back = rows.add_columns(reversal.label("source_id"), *given, (-amount).label(AMOUNT))
    both = union_all(posted, back.where(reversal.is_not(None))).subquery()
    return select(*(both.c[name] for name in COLUMNS))


def _of_organizations(
    account_id: ColumnElement[str], target: Target
) -> Sequence[ColumnElement[bool]]:
    """Return the condition on the accounts of the organisations asked for, if any are."""
    if not target.organization_ids:
        return ()
    mine = select(account.c.id).where(account.c.organization_id.in_(target.organization_ids))
    return (account_id.in_(mine),)


SOURCES: Mapping[TransactionType, Source] = MappingProxyType(
    {
        TransactionType.REVENUE_EVENT_ITEM: _revenue_event_items,
        TransactionType.INVOICE_ITEM_ADJUSTMENT: _adjustments,
        **{TRAITS[kind].transaction_type: _document_items(kind) for kind in DocumentKind},
    }
)
