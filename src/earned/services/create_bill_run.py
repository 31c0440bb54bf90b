"""Begin a bill run: whom it is for, what it bills, and through which day (R 12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.bill_run import (
    SUBSCRIPTIONS_MAX,
    BillRun,
    check_scope,
    check_target,
    read_excluded,
)
from earned.domain.billing_rules import check_open
from earned.domain.errors import Invalid, Missing, RuleBroken
from earned.services.carry_on_bill_run import carry_on, is_short
from earned.services.find import account_by_key, subscription_by_key
from earned.services.generate_documents import check_owner
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books, NumberKind
from earned.services.see_periods import periods_to_work_in


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """One account or one subscription that a run is for."""

    type: str | None
    account_id: str | None = None
    subscription_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBillRun:
    """Whom to bill, through which day, on documents of which date (today unless it is said)."""

    target_date: date | None
    invoice_date: date | None = None
    name: str | None = None
    auto_post: bool = False
    auto_renewal: bool = False
    excluded: Sequence[str] | None = None
    batches: Sequence[str] | None = None
    bill_cycle_day: str | None = None
    filters: Sequence[RunFilter] = ()


def create_bill_run(books: Books, command: CreateBillRun) -> BillRun:
    """Begin a run; one for few accounts is over when this returns.

    Checked in this order: the target date, the charge types, whom it is for, the invoice date.
    Raises `Missing`, `Invalid`, `NotFound`, `RuleBroken` or `PeriodClosed`.
    """
    if command.target_date is None:
        raise Missing("'targetDate' may not be null", field="targetDate")
    check_target(command.target_date, books.today())
    excluded = read_excluded(command.excluded, "chargeTypeToExclude")
    check_scope(command.batches, command.bill_cycle_day, command.filters)
    account_ids, subscription_ids = _filtered(books, command.filters)
    invoice_date = command.invoice_date or books.today()
    check_open(invoice_date, periods_to_work_in(books), "invoice date", "invoiceDate")
    visible = books.scope.organization_ids
    run = BillRun(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        number=books.next_number(NumberKind.BILL_RUN),
        name=command.name,
        target_date=command.target_date,
        invoice_date=invoice_date,
        auto_post=command.auto_post,
        auto_renewal=command.auto_renewal,
        excluded_charge_types=sorted(excluded),
        filters=[_told(one) for one in command.filters],
        account_ids=account_ids,
        subscription_ids=subscription_ids,
        organization_ids=None if visible is None else tuple(sorted(visible)),
        errors=[],
        **books.stamp(),
    )
    told = {"number": run.number, "targetDate": run.target_date.isoformat()}
    leave_trace(books, "created", "BillRun", run.id, told)
    run = books.bill_runs.add(run)
    return carry_on(books, run) if is_short(books, run) else run


def _told(one: RunFilter) -> Mapping[str, object]:
    key, value = (
        ("subscriptionId", one.subscription_id)
        if one.type == "Subscription"
        else ("accountId", one.account_id)
    )
    return {"filterType": one.type, key: value}


def _filtered(books: Books, filters: Sequence[RunFilter]) -> tuple[list[str], list[str]]:
    """Return what filters name: ids of accounts, or an account and subscriptions of it.

    Nothing, where there are none.
    """
    kinds = {one.type for one in filters}
    if not kinds:
        return [], []
    if kinds == {"Account"}:
        _check_named(filters, "account_id", "accountId")
        accounts = [account_by_key(books, one.account_id or "") for one in filters]
        return sorted({account.id for account in accounts}), []
    if kinds != {"Subscription"}:
        message = "'billRunFilters' should all have the filterType Account, or all Subscription"
        raise Invalid(message, field="billRunFilters")
    if len(filters) > SUBSCRIPTIONS_MAX:
        message = f"'billRunFilters' should name at most {SUBSCRIPTIONS_MAX} subscriptions"
        raise RuleBroken(message, field="billRunFilters")
    _check_named(filters, "subscription_id", "subscriptionId")
    found = [subscription_by_key(books, one.subscription_id or "") for one in filters]
    owner = account_by_key(books, found[0].invoice_owner_id)
    check_owner(found, owner)
    return [owner.id], sorted({one.original_id for one in found})


def _check_named(filters: Sequence[RunFilter], attribute: str, name: str) -> None:
    """Refuse a filter that names nobody. Raises `Missing`."""
    for at, one in enumerate(filters):
        if not getattr(one, attribute):
            field = f"billRunFilters.{at}.{name}"
            raise Missing(f"'{field}' may not be null", field=field)
