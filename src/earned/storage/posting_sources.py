"""Where postings come from: a select of transactions for each type that a journal run picks up.

THE place to add a further source of postings: write a function that selects, for a `Target`, the
columns of `COLUMNS` in their order, and name it in `SOURCES` under its transaction type. Runs,
releases, trial balances and the audit then know it.

- A transaction is known by `source_id` and `period_id`. One that belongs to a day and to no period
  says `target.period_id`.
- The codes are the sides of a positive amount; a negative one swaps them here (R 6.3). They must
  be what the transaction itself has kept, not looked up in a chart of accounts that may change.
- Transactions that have no amount are left out.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, literal, null, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from earned.domain.posting import RULES, UNBILLED, Target, TransactionType
from earned.storage.tables.accounts import account
from earned.storage.tables.schedules import distribution, distribution_item, revenue_schedule

Source = Callable[[Target], Select[Any]]

CODES = ("debit_name", "debit_type", "credit_name", "credit_type")
COLUMNS = ("source_id", "period_id", "currency", *CODES, "amount_minor")
Columns = Mapping[str, Any] | ReadOnlyColumnCollection[str, Any]
SEPARATOR = "\x1f"
"""Stands between the parts of a key; no request can hold it in a name of a code's type."""


def postings(source: Source, target: Target) -> Select[Any]:
    """Return the postings of a source: amounts above zero, each on the sides it belongs to."""
    found = source(target).subquery()
    taken = found.c.amount_minor < 0
    swapped = zip(CODES, CODES[2:] + CODES[:2], strict=True)
    sides = [case((taken, found.c[other]), else_=found.c[own]).label(own) for own, other in swapped]
    amount = func.abs(found.c.amount_minor).label("amount_minor")
    kept = (found.c.source_id, found.c.period_id, found.c.currency)
    return select(*kept, *sides, amount).where(found.c.amount_minor != 0)


def kind_of(columns: Columns) -> ColumnElement[str]:
    """Return one text for what makes postings of one kind: their currency and their codes."""
    parts = [func.coalesce(columns[name], "") for name in ("currency", *CODES)]
    key: ColumnElement[str] = parts[0]
    for part in parts[1:]:
        key = key.concat(literal(SEPARATOR)).concat(part)
    return key


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


SOURCES: Mapping[TransactionType, Source] = MappingProxyType(
    {TransactionType.REVENUE_EVENT_ITEM: _revenue_event_items}
)
