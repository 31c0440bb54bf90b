"""Run billing for many accounts, or generate the billing documents of one (R 12)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.account import Account
from earned.domain.bill_run import (
    SOURCE,
    SUBSCRIPTIONS_MAX,
    BillRun,
    BillRunStatus,
    check_scope,
    read_excluded,
)
from earned.domain.billing import BillingDocument
from earned.domain.billing_rules import check_open
from earned.domain.errors import EarnedError, Invalid, Missing, RuleBroken
from earned.domain.subscription import Subscription
from earned.services.bill_account import BillAccount, bill_account
from earned.services.find import account_by_key, subscription_by_key
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
    excluded: Sequence[str] | None = None
    batches: Sequence[str] | None = None
    bill_cycle_day: str | None = None
    filters: Sequence[RunFilter] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateDocuments:
    """Which account to bill, or which of its subscriptions."""

    account_key: str
    target_date: date
    effective_date: date
    auto_post: bool = False
    excluded: Sequence[str] | None = None
    subscription_ids: Sequence[str] | None = None
    reason_code: str | None = None


Chosen = Iterable[tuple[Account, frozenset[str] | None]]
"""Accounts, each with its subscriptions that are billed (original ids), None for all of them."""


def create_bill_run(books: Books, command: CreateBillRun) -> BillRun:
    """Bill every account that is meant, each on its own: one that cannot be is named in the run.

    Checked in this order: the target date, the charge types, whom it is for, the invoice date.
    Raises `Missing`, `Invalid`, `NotFound`, `RuleBroken` or `PeriodClosed`.
    """
    if command.target_date is None:
        raise Missing("'targetDate' may not be null", field="targetDate")
    excluded = read_excluded(command.excluded, "chargeTypeToExclude")
    check_scope(command.batches, command.bill_cycle_day, command.filters)
    chosen = list(_filtered(books, command.filters) if command.filters else _everybody(books))
    invoice_date = command.invoice_date or books.today()
    check_open(invoice_date, periods_to_work_in(books), "invoice date", "invoiceDate")
    number = books.next_number(NumberKind.BILL_RUN)
    documents, errors = 0, list[Mapping[str, object]]()
    for account, subscription_ids in chosen:
        bill = BillAccount(
            account=account,
            target=command.target_date,
            document_date=invoice_date,
            excluded=excluded,
            subscription_ids=subscription_ids,
            post=command.auto_post,
            source=SOURCE,
            source_id=number,
        )
        made = _attempt(books, bill)
        if isinstance(made, EarnedError):
            errors.append(_error(account, made))
        else:
            documents += len(made)
    run = BillRun(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        number=number,
        name=command.name,
        status=_status(documents, errors, auto_post=command.auto_post),
        target_date=command.target_date,
        invoice_date=invoice_date,
        auto_post=command.auto_post,
        excluded_charge_types=sorted(excluded),
        filters=[_told(one) for one in command.filters],
        errors=errors,
        document_count=documents,
        **books.stamp(),
    )
    told = {"number": number, "targetDate": run.target_date.isoformat(), "documents": documents}
    leave_trace(books, "ran", "BillRun", run.id, told | {"errors": len(errors)})
    return books.bill_runs.add(run)


def generate_documents(books: Books, command: GenerateDocuments) -> Sequence[BillingDocument]:
    """Draft the documents of one account, and post them if that is asked for; all or none.

    Raises `NotFound`, `Invalid`, `RuleBroken` or `PeriodClosed`.
    """
    account = account_by_key(books, command.account_key)
    excluded = read_excluded(command.excluded, "chargeTypeToExclude")
    chosen = None
    if command.subscription_ids:
        found = [subscription_by_key(books, key) for key in command.subscription_ids]
        _check_owner(found, account)
        chosen = frozenset(one.original_id for one in found)
    periods = periods_to_work_in(books)
    check_open(command.effective_date, periods, "effective date", "effectiveDate")
    return bill_account(
        books,
        BillAccount(
            account=account,
            target=command.target_date,
            document_date=command.effective_date,
            excluded=excluded,
            subscription_ids=chosen,
            post=command.auto_post,
            reason_code=command.reason_code,
        ),
    )


def _attempt(books: Books, command: BillAccount) -> Sequence[BillingDocument] | EarnedError:
    try:
        with books.attempt():
            return bill_account(books, command)
    except EarnedError as refusal:
        return refusal


def _status(
    documents: int, errors: Sequence[Mapping[str, object]], *, auto_post: bool
) -> BillRunStatus:
    if errors and not documents:
        return BillRunStatus.ERROR
    return BillRunStatus.POSTED if auto_post else BillRunStatus.COMPLETED


def _error(account: Account, refusal: EarnedError) -> Mapping[str, object]:
    return {
        "accountId": account.id,
        "accountNumber": account.number,
        "message": str(refusal),
    }


def _told(one: RunFilter) -> Mapping[str, object]:
    key, value = (
        ("subscriptionId", one.subscription_id)
        if one.type == "Subscription"
        else ("accountId", one.account_id)
    )
    return {"filterType": one.type, key: value}


def _everybody(books: Books) -> Chosen:
    """Return every account that pays for a subscription."""
    owners = {one.invoice_owner_id for one in books.subscriptions.list(is_latest=True)}
    for account in books.accounts.list(order_by=["number"]):
        if account.id in owners:
            yield account, None


def _filtered(books: Books, filters: Sequence[RunFilter]) -> Chosen:
    """Return what the filters name: accounts, or subscriptions of one account."""
    kinds = {one.type for one in filters}
    if kinds == {"Account"}:
        keys = dict.fromkeys(one.account_id or "" for one in filters)
        yield from ((account_by_key(books, key), None) for key in keys)
        return
    if kinds != {"Subscription"}:
        message = "'billRunFilters' should all have the filterType Account, or all Subscription"
        raise Invalid(message, field="billRunFilters")
    if len(filters) > SUBSCRIPTIONS_MAX:
        message = f"'billRunFilters' should name at most {SUBSCRIPTIONS_MAX} subscriptions"
        raise RuleBroken(message, field="billRunFilters")
    found = [subscription_by_key(books, one.subscription_id or "") for one in filters]
    owner = account_by_key(books, found[0].invoice_owner_id)
    _check_owner(found, owner)
    yield owner, frozenset(one.original_id for one in found)


def _check_owner(subscriptions: Sequence[Subscription], account: Account) -> None:
    for one in subscriptions:
        if one.invoice_owner_id != account.id:
            message = f"Subscription {one.number} is paid for by another account."
            raise RuleBroken(message, field="subscriptionId")
