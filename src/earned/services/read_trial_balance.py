"""Read the trial balance of a period, with what belongs beside it (R 6.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from earned.domain.accounting import AccountingPeriod
from earned.domain.action_items import ActionItem, wire_item
from earned.domain.errors import RuleBroken
from earned.domain.journal_rules import period_named
from earned.domain.receivables import receivables
from earned.domain.report_fields import row_fields
from earned.domain.reporting import Report
from earned.domain.stamps import printed
from earned.domain.trial_balance import Line, TrialBalance
from earned.services.balance_period import kept_lines
from earned.services.ports import Books
from earned.services.read_as_of import known_by


@dataclass(frozen=True, slots=True)
class BalanceView:
    """A trial balance with its lines, as it was computed last."""

    period: AccountingPeriod
    balance: TrialBalance
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Beside:
    """What stood beside a trial balance when it was run.

    `receivables` rolls forward what documents of the whole entity made of them in the period;
    `actions` are the drafts that would have kept the period open.
    """

    receivables: Report
    actions: Sequence[ActionItem]


def read_trial_balance(books: Books, period_name: str, at: datetime | None = None) -> BalanceView:
    """Return the trial balance of a period that was computed last, up to a moment if there is one.

    What was computed and replaced since is gone; what was frozen at a close is not. Raises a
    refusal.
    """
    period = period_named(books.periods.list(), period_name)
    made = books.trial_balances.list(period_id=period.id, order_by=["-run_at", "-id"])
    found = next((one for one in made if at is None or one.run_at <= at), None)
    if found is None:
        when = f" by {at.isoformat()}" if at else ""
        message = f"No trial balance of accounting period '{period.name}' has been run{when}."
        raise RuleBroken(message, field="accountingPeriodName")
    return BalanceView(period, found, kept_lines(books, found))


def beside(books: Books, view: BalanceView) -> Beside:
    """Return receivables and required action items as they were known when it was run.

    They are of the whole entity, whoever asks, as the trial balance is.
    """
    period, run_at = view.period, view.balance.run_at
    assert period.end_date is not None, "Open-Ended has no trial balance"
    known = known_by(books, run_at)
    place = known.place(period.id)
    owed = books.entire.facts(known, None).owed()
    return Beside(
        receivables(known, (place, place), owed),
        books.draft_documents(period.end_date, run_at),
    )


def balance_fields(view: BalanceView, found: Beside, zone: ZoneInfo) -> Mapping[str, object]:
    """Return the fields of an answer that only a trial balance has."""
    report = found.receivables
    return {
        "accountingPeriodName": view.period.name,
        "runOn": printed(view.balance.run_at, zone),
        "runBy": view.balance.run_by,
        "isFrozen": view.balance.frozen,
        "receivables": [row_fields(report, row) for row in report.rows],
        "requiredActions": [wire_item(item) for item in found.actions],
    }
