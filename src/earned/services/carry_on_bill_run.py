"""Carry on a bill run: bill the next few accounts, each on its own (R 12).

Which account was billed last stands in the run, in the transaction that billed it. So whoever was
stopped, and however, carries on with the next one, and nobody is billed twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earned.domain.account import Account
from earned.domain.bill_run import AT_ONCE, SOURCE, BillRun, BillRunStatus
from earned.domain.billing import BillingDocument
from earned.domain.errors import EarnedError
from earned.domain.renewing import Renewal
from earned.services.bill_account import BillAccount, bill_account
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.work import single

STOPPED = "The bill run was stopped by a defect of the server; its log says where."


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOn:
    """Which bill run."""

    run_id: str


def carry_on_bill_run(books: Books, command: CarryOn) -> BillRun | None:
    """Bill the next accounts of a run; None if it is not there to be carried on any more."""
    run = _waiting(books, command)
    return run and carry_on(books, run)


def fail_bill_run(books: Books, command: CarryOn) -> BillRun | None:
    """End a run that cannot be carried on; what it has billed stays, and may be canceled."""
    run = _waiting(books, command)
    if run is None:
        return None
    errors = [*run.errors, {"message": STOPPED}]
    return books.bill_runs.change(run, status=BillRunStatus.ERROR, errors=errors)


CARRY_ON = single(carry_on_bill_run)
FAIL = single(fail_bill_run)


def is_short(books: Books, run: BillRun) -> bool:
    """Say whether a run is over after one step."""
    return len(_next(books, run)) <= AT_ONCE


def carry_on(books: Books, run: BillRun) -> BillRun:
    """Bill the next accounts of a run that is not over; return the run as it is then.

    An account that cannot be billed is named in it with the reason.
    """
    found = _next(books, run)
    chosen = found[:AT_ONCE]
    documents, errors = run.document_count, list(run.errors)
    for account in books.accounts.list(id=chosen, order_by=["number"]):
        made = _attempt(books, _bill(run, account))
        if isinstance(made, EarnedError):
            errors.append(_error(account, made))
        else:
            documents += len(made)
    changes = {"document_count": documents, "errors": errors}
    if len(found) > AT_ONCE:
        status = BillRunStatus.PROCESSING
        return books.bill_runs.change(run, status=status, billed_through=chosen[-1], **changes)
    ended = books.bill_runs.change(run, status=_ended(run, documents, errors), **changes)
    told = {"number": run.number, "documents": documents, "errors": len(errors)}
    leave_trace(books, "ran", "BillRun", run.id, told)
    return ended


def _waiting(books: Books, command: CarryOn) -> BillRun | None:
    """Lock a run that is not over; None if it is, or is gone."""
    for run in books.bill_runs.list(id={command.run_id}, lock=True):
        return None if run.status.is_over else run
    return None


def _next(books: Books, run: BillRun) -> Sequence[str]:
    """Return the accounts to bill next, and one more where there are more."""
    if not run.account_ids:
        return books.paying_accounts(run.billed_through, AT_ONCE + 1)
    return [one for one in run.account_ids if one > run.billed_through][: AT_ONCE + 1]


def _bill(run: BillRun, account: Account) -> BillAccount:
    return BillAccount(
        account=account,
        target=run.target_date,
        document_date=run.invoice_date,
        excluded=frozenset(run.excluded_charge_types),
        subscription_ids=frozenset(run.subscription_ids) or None,
        renewal=Renewal.AUTO if run.auto_renewal else Renewal.NONE,
        post=run.auto_post,
        source=SOURCE,
        source_id=run.number,
    )


def _attempt(books: Books, command: BillAccount) -> Sequence[BillingDocument] | EarnedError:
    try:
        with books.attempt():
            return bill_account(books, command)
    except EarnedError as refusal:
        return refusal


def _ended(run: BillRun, documents: int, errors: Sequence[object]) -> BillRunStatus:
    if errors and not documents:
        return BillRunStatus.ERROR
    return BillRunStatus.POSTED if run.auto_post else BillRunStatus.COMPLETED


def _error(account: Account, refusal: EarnedError) -> Mapping[str, object]:
    return {
        "accountId": account.id,
        "accountNumber": account.number,
        "message": str(refusal),
    }
