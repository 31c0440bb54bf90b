"""The trial balance of a period: what every accounting code held, got, gave and holds (R 6.1)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from earned.domain.posting import Code, PostingSum, Side
from earned.domain.reporting import Column, Kind, Report, amount

NAME = "trial-balance"

_AMOUNTS = ("opening", "debits", "credits", "closing")
_COLUMNS = (
    Column("currency", is_key=True),
    Column("accountingCodeName", is_key=True),
    Column("accountingCodeType", is_key=True),
    *(Column(name, Kind.AMOUNT) for name in _AMOUNTS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """One computation of it. A frozen one was made as its period closed and stays."""

    id: str
    entity_id: str
    period_id: str
    run_at: datetime
    run_by: str
    frozen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalanceRow:
    """What one code in one currency did in the period. A credit balance is negative."""

    trial_balance_id: str
    place: int
    entity_id: str
    currency: str
    code_name: str | None
    code_type: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int


class LedgerAccount(NamedTuple):
    """What a balance is kept of: a currency and a code."""

    currency: str
    code: Code

    @property
    def order(self) -> tuple[str, str, str]:
        """By currency, then by the name of the code; blank ones first, by type."""
        return (self.currency, self.code.name or "", self.code.type)


class Movement(NamedTuple):
    """What was debited and credited to something."""

    debit_minor: int
    credit_minor: int


class Line(NamedTuple):
    """A line of a trial balance before it is stored."""

    account: LedgerAccount
    opening_minor: int
    debit_minor: int
    credit_minor: int

    @property
    def closing_minor(self) -> int:
        """What is left: a debit adds to it, a credit takes from it."""
        return self.opening_minor + self.debit_minor - self.credit_minor


def movements_of(
    sums: Iterable[PostingSum], items: Iterable[tuple[LedgerAccount, Side, int]]
) -> Mapping[LedgerAccount, Movement]:
    """Return what transactions and the items of entries made by hand moved, by account."""
    debited: Counter[LedgerAccount] = Counter()
    credited: Counter[LedgerAccount] = Counter()
    for one in sums:
        debited[LedgerAccount(one.currency, one.debit)] += one.amount_minor
        credited[LedgerAccount(one.currency, one.credit)] += one.amount_minor
    for account, side, amount_minor in items:
        (debited if side is Side.DEBIT else credited)[account] += amount_minor
    return {
        account: Movement(debited[account], credited[account])
        for account in debited.keys() | credited.keys()
    }


def lines_of(
    opening: Mapping[LedgerAccount, int], moved: Mapping[LedgerAccount, Movement]
) -> Sequence[Line]:
    """Return the lines of a trial balance, without codes that held and moved nothing."""
    lines = [
        Line(account, opening.get(account, 0), *moved.get(account, Movement(0, 0)))
        for account in opening.keys() | moved.keys()
    ]
    kept = (line for line in lines if any(line[1:]))
    return sorted(kept, key=lambda line: line.account.order)


def closing_of(lines: Iterable[Line]) -> Mapping[LedgerAccount, int]:
    """Return what the next period opens with."""
    return {line.account: line.closing_minor for line in lines if line.closing_minor}


def report_of(lines: Iterable[Line]) -> Report:
    """Return a trial balance as a report; its totals say that each currency is in balance."""
    totals: dict[str, Counter[str]] = {}
    rows = []
    for line in lines:
        currency, code = line.account
        amounts = (line.opening_minor, line.debit_minor, line.credit_minor, line.closing_minor)
        rows.append([currency, code.name, code.type, *_majors(amounts, currency)])
        totals.setdefault(currency, Counter()).update(dict(zip(_AMOUNTS, amounts, strict=True)))
    sums = [
        [currency, None, None, *_majors((found[name] for name in _AMOUNTS), currency)]
        for currency, found in totals.items()
    ]
    return Report(NAME, _COLUMNS, rows, sums)


def _majors(amounts: Iterable[int], currency: str) -> Iterator[Decimal]:
    return (amount(minor, currency) for minor in amounts)
