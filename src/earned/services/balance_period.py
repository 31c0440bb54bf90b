"""Compute and keep the trial balance of a period (R 6.1)."""

from collections.abc import Mapping, Sequence

from earned.domain.accounting import AccountingPeriod
from earned.domain.periods import defined
from earned.domain.posting import Code, Target, TransactionType
from earned.domain.trial_balance import (
    LedgerAccount,
    Line,
    Movement,
    TrialBalance,
    TrialBalanceRow,
    closing_of,
    lines_of,
    movements_of,
)
from earned.services.ports import Books


def balance_period(books: Books, period: AccountingPeriod, *, frozen: bool) -> TrialBalance:
    """Compute the trial balance of a defined period and keep it.

    It replaces one that was computed before, but for what was frozen at a close: that stays.
    """
    forget_trial_balances(books, period, frozen=False)
    balance = books.trial_balances.add(
        TrialBalance(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            period_id=period.id,
            run_at=books.now,
            run_by=books.scope.user_id,
            frozen=frozen,
        )
    )
    lines = compute_lines(books, period)
    books.trial_balance_rows.add_all([_row(balance, *one) for one in enumerate(lines, 1)])
    return balance


def forget_trial_balances(books: Books, period: AccountingPeriod, *, frozen: bool) -> None:
    """Wipe the trial balances of a period; with `frozen`, also what it closed with."""
    chosen = (True, False) if frozen else (False,)
    for old in books.trial_balances.list(period_id=period.id, frozen=chosen):
        for row in books.trial_balance_rows.list(trial_balance_id=old.id):
            books.trial_balance_rows.remove(row)
        books.trial_balances.remove(old)


def compute_lines(books: Books, period: AccountingPeriod) -> Sequence[Line]:
    """Return the lines of a period's trial balance as the books are now.

    Every transaction of the period counts, in a journal entry or not, and every entry in force that
    was made by hand. It opens with what the period before closed with.
    """
    return lines_of(_opening(books, period), _moved(books, period))


def frozen_lines(books: Books, period: AccountingPeriod) -> Sequence[Line] | None:
    """Return the lines that a period closed with last, None if it never did."""
    found = books.trial_balances.list(
        period_id=period.id, frozen=True, order_by=["-run_at", "-id"], limit=1
    )
    return kept_lines(books, found[0]) if found else None


def kept_lines(books: Books, balance: TrialBalance) -> Sequence[Line]:
    """Return the lines of a trial balance as they were computed."""
    rows = books.trial_balance_rows.list(trial_balance_id=balance.id, order_by=["place"])
    return [
        Line(
            LedgerAccount(row.currency, Code(row.code_name, row.code_type)),
            row.opening_minor,
            row.debit_minor,
            row.credit_minor,
        )
        for row in rows
    ]


def _opening(books: Books, period: AccountingPeriod) -> Mapping[LedgerAccount, int]:
    """Return what was there before the period: what is frozen, and what has moved since.

    Periods that closed are not added up again: what they closed with does not change.
    """
    between: list[AccountingPeriod] = []
    frozen: Mapping[LedgerAccount, int] = {}
    for earlier in reversed(_before(books, period)):
        lines = frozen_lines(books, earlier) if earlier.is_closed else None
        if lines is not None:
            frozen = closing_of(lines)
            break
        between.append(earlier)
    opening = frozen
    for earlier in reversed(between):
        opening = closing_of(lines_of(opening, _moved(books, earlier)))
    return opening


def _before(books: Books, period: AccountingPeriod) -> Sequence[AccountingPeriod]:
    periods = defined(books.periods.list())
    return periods[: [one.id for one in periods].index(period.id)]


def _moved(books: Books, period: AccountingPeriod) -> Mapping[LedgerAccount, Movement]:
    assert period.start_date is not None, "a defined period has dates"
    assert period.end_date is not None, "a defined period has dates"
    target = Target(books.scope.entity_id, period.id, period.start_date, period.end_date)
    sums = books.sum_postings(target, TransactionType)
    return movements_of(sums, books.sum_manual_items(period.id))


def _row(balance: TrialBalance, place: int, line: Line) -> TrialBalanceRow:
    return TrialBalanceRow(
        trial_balance_id=balance.id,
        place=place,
        entity_id=balance.entity_id,
        currency=line.account.currency,
        code_name=line.account.code.name,
        code_type=line.account.code.type,
        opening_minor=line.opening_minor,
        debit_minor=line.debit_minor,
        credit_minor=line.credit_minor,
        closing_minor=line.closing_minor,
    )
