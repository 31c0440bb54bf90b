"""The trial balance of a period: `/v1/reports/trial-balance`. Not of Zuora's API (R 6.1)."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from io import StringIO

from earned.domain.errors import Invalid
from earned.domain.money import Currency, major
from earned.domain.trial_balance import Line
from earned.http.answers import V1Answer
from earned.http.operation import Call, Download, Operation, Parameter, Read
from earned.http.stamps import printed
from earned.services.balance_period import BalanceView, read_trial_balance
from earned.services.ports import Books

_FORMATS = ("json", "csv")
_NAMES = ("opening", "debits", "credits", "closing")
_COLUMNS = ("currency", "accountingCodeName", "accountingCodeType", *_NAMES)


class TrialBalanceAnswer(V1Answer):
    """A trial balance. A credit balance is negative; debits and credits add up to the same."""

    accounting_period_name: str
    run_on: str
    run_by: str
    is_frozen: bool
    rows: list[dict[str, object]]
    totals: list[dict[str, object]]


def _get(books: Books, call: Call) -> Mapping[str, object] | Download:
    form = call.first("format", "json")
    if form not in _FORMATS:
        raise Invalid(f"'format' value should be one of: {', '.join(_FORMATS)}", field="format")
    view = read_trial_balance(books, call.first("accountingPeriodName"))
    rows = [_row(line) for line in view.lines]
    if form == "csv":
        return Download(_csv(rows), "text/csv", "trial-balance.csv")
    return {
        "accountingPeriodName": view.period.name,
        "runOn": printed(view.balance.run_at, books.settings.zone),
        "runBy": view.balance.run_by,
        "isFrozen": view.balance.frozen,
        "rows": rows,
        "totals": _totals(view),
        "success": True,
    }


def _row(line: Line) -> Mapping[str, object]:
    account = line.account
    amounts = (line.opening_minor, line.debit_minor, line.credit_minor, line.closing_minor)
    return {
        "currency": account.currency,
        "accountingCodeName": account.code.name,
        "accountingCodeType": account.code.type,
        **_majors(account.currency, amounts),
    }


def _totals(view: BalanceView) -> Sequence[Mapping[str, object]]:
    """Return the sums of each currency: both sides are equal, and all balances add up to zero."""
    sums: dict[str, Counter[str]] = {}
    for line in view.lines:
        of_currency = sums.setdefault(line.account.currency, Counter())
        of_currency.update(debits=line.debit_minor, credits=line.credit_minor)
        of_currency.update(opening=line.opening_minor, closing=line.closing_minor)
    return [
        {"currency": currency, **_majors(currency, [found[name] for name in _NAMES])}
        for currency, found in sums.items()
    ]


def _majors(currency: str, amounts: Iterable[int]) -> Mapping[str, Decimal]:
    known = Currency.of(currency)
    return {name: major(minor, known) for name, minor in zip(_NAMES, amounts, strict=True)}


def _csv(rows: Sequence[Mapping[str, object]]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/reports/trial-balance",
        id="getTrialBalance",
        tag="Reports",
        summary="Retrieve the trial balance of an accounting period, as it was run last",
        parameters=(
            Parameter("accountingPeriodName", "The name of the period.", required=True),
            Parameter(
                "format",
                "`csv` answers a file.",
                {"type": "string", "enum": [*_FORMATS], "default": "json"},
            ),
        ),
        answer=TrialBalanceAnswer,
        work=Read(_get),
    ),
)
