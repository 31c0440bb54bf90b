"""What journal runs and entries obey: their targets, their items, and what may be done when."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from earned.domain.accounting import AccountingPeriod
from earned.domain.errors import Invalid, Missing, PeriodClosed, RuleBroken
from earned.domain.journal import EntryStatus, JournalEntry, RunStatus, Transferred
from earned.domain.money import Currency
from earned.domain.periods import period_of
from earned.domain.permissions import Permission, require
from earned.domain.posting import Side, TransactionType
from earned.domain.scheduling import required_amount

ITEMS_MAX = 100
NO_OPEN_ENDED = "The open-ended accounting period cannot be used in a journal run."
ONLY_BY_PERIOD = (
    "Revenue Event Item can only be selected when Target Date(s) is an Accounting Period."
)
OUT_OF_BALANCE = "The sum of debits must be equal to the sum of credits."
NO_MORE_TRANSFER = (
    "Transferred to Accounting can no longer be changed after a Journal Entry has been cancelled."
)

_CURRENCY = re.compile(r"[A-Z]{3}")
_HELD = frozenset({Transferred.YES, Transferred.PROCESSING})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of a run's target: a period by name, days of one, or both."""

    period_name: str | None
    start: date | None
    end: date | None


class Chosen(NamedTuple):
    """The target of a run: days of one defined period."""

    period: AccountingPeriod
    start: date
    end: date


def target_of(
    asked: Asked, types: Collection[TransactionType], periods: Sequence[AccountingPeriod]
) -> Chosen:
    """Return the target of a run (R 6.2). Raises `Missing`, `Invalid` or `RuleBroken`.

    Revenue event items belong to a period and to no day, so only a period can be their target.
    """
    if asked.period_name is not None:
        return _by_name(asked, periods)
    chosen = _by_dates(asked, periods)
    if TransactionType.REVENUE_EVENT_ITEM in types:
        raise RuleBroken(ONLY_BY_PERIOD, field="transactionTypes")
    return chosen


def _by_name(asked: Asked, periods: Sequence[AccountingPeriod]) -> Chosen:
    period = period_named(periods, asked.period_name or "")
    if period.start_date is None or period.end_date is None:
        raise RuleBroken(NO_OPEN_ENDED, field="accountingPeriodName")
    bounds = ((asked.start, period.start_date), (asked.end, period.end_date))
    for field, (given, bound) in zip(("targetStartDate", "targetEndDate"), bounds, strict=True):
        if given not in {None, bound}:
            message = f"'{field}' value should be {bound}, as in accounting period '{period.name}'"
            raise Invalid(message, field=field)
    return Chosen(period, period.start_date, period.end_date)


def _by_dates(asked: Asked, periods: Sequence[AccountingPeriod]) -> Chosen:
    start, end = asked.start, asked.end
    if start is None and end is None:
        raise Missing("'accountingPeriodName' may not be null", field="accountingPeriodName")
    if start is None:
        raise Missing("'targetStartDate' may not be null", field="targetStartDate")
    if end is None:
        raise Missing("'targetEndDate' may not be null", field="targetEndDate")
    if end < start:
        message = "'targetEndDate' value should not be before targetStartDate"
        raise Invalid(message, field="targetEndDate")
    period = period_of(periods, start)
    if period.is_open_ended or period_of(periods, end).is_open_ended:
        raise RuleBroken(NO_OPEN_ENDED, field="targetStartDate")
    if not period.covers(end):
        message = "The target dates of a journal run must lie in one accounting period."
        raise RuleBroken(message, field="targetEndDate")
    return Chosen(period, start, end)


def date_of_run(given: date | None, chosen: Chosen, periods: Sequence[AccountingPeriod]) -> date:
    """Return the journal entry date of a run: the last day of its period, unless one is given."""
    if given is None:
        assert chosen.period.end_date is not None, "the target of a run is a defined period"
        return chosen.period.end_date
    if period_of(periods, given).is_open_ended:
        message = "The journal entry date cannot lie in the open-ended accounting period."
        raise RuleBroken(message, field="journalEntryDate")
    return given


def period_named(periods: Sequence[AccountingPeriod], name: str) -> AccountingPeriod:
    """Return the period of that name. Raises `Invalid`."""
    found = next((period for period in periods if period.name == name), None)
    if found is None:
        message = f"Cannot find accounting period '{name}'."
        raise Invalid(message, field="accountingPeriodName")
    return found


def check_open(period: AccountingPeriod) -> None:
    """Refuse a change by hand to what a closed period holds."""
    if period.is_closed:
        raise PeriodClosed(
            f"Journal entries cannot be changed by hand in closed accounting period"
            f" '{period.name}'.",
            field="accountingPeriodName",
        )


def currency_of(text: str) -> Currency:
    """Return the currency of an entry. Raises `Invalid`."""
    if not _CURRENCY.fullmatch(text):
        raise Invalid("'currency' value is invalid", field="currency")
    return Currency.of(text)


def amount_of(value: object, currency: Currency, field: str) -> int:
    """Return the amount of an item in minor units; its side says which way it goes."""
    amount = required_amount(value, currency, field)
    if amount < 0:
        raise Invalid(f"'{field}' value should not be negative", field=field)
    return amount


_FIXED: Mapping[str, tuple[object, str]] = MappingProxyType(
    {
        "homeCurrency": (None, "nothing is converted"),
        "aggregateCurrency": (False, "a journal entry has one currency"),
        "segmentationRuleName": (None, "there are no segmentation rules"),
    }
)


def check_fixed(sent: Mapping[str, object]) -> None:
    """Refuse what answers say and no request can change, unless it is as they say it."""
    for name, (value, reason) in _FIXED.items():
        if sent.get(name) not in (None, value):
            held = "null" if value is None else str(value).lower()
            raise RuleBroken(f"'{name}' can only be {held}: {reason}.", field=name)


def check_no_home_currency(value: object, field: str) -> None:
    """Refuse an amount in the home currency: there is none, as nothing is converted (R 6.4)."""
    if value is not None:
        message = f"'{field}' cannot be given: there is no home currency, and nothing is converted."
        raise RuleBroken(message, field=field)


def total_of(amounts: Sequence[tuple[Side, int]]) -> int:
    """Return what both sides of an entry add up to. Raises `RuleBroken` if they differ (R 6.4)."""
    field = "journalEntryItems"
    sides = {side: sum(minor for on, minor in amounts if on is side) for side, _ in amounts}
    if len(sides) < len(Side):
        raise RuleBroken("A journal entry has at least one debit and one credit.", field=field)
    if sides[Side.DEBIT] != sides[Side.CREDIT]:
        raise RuleBroken(OUT_OF_BALANCE, field=field)
    return sides[Side.DEBIT]


class Step(NamedTuple):
    """Something done to an entry by hand: from which statuses, to which, and in which word."""

    sources: frozenset[EntryStatus]
    status: EntryStatus
    word: str


def _step(word: str, status: EntryStatus, *sources: EntryStatus) -> Step:
    return Step(frozenset(sources), status, word)


SUBMIT = _step("submitted for review", EntryStatus.IN_REVIEW, EntryStatus.DRAFT)
APPROVE = _step("approved", EntryStatus.CREATED, EntryStatus.IN_REVIEW)
REJECT = _step("rejected", EntryStatus.REJECTED, EntryStatus.IN_REVIEW)
REVERT = _step("reverted to draft", EntryStatus.DRAFT, EntryStatus.REJECTED)
UPDATE = _step("updated as a draft", EntryStatus.DRAFT, EntryStatus.DRAFT)
CANCEL = _step("cancelled", EntryStatus.CANCELLED, *set(EntryStatus) - {EntryStatus.CANCELLED})


def check_step(entry: JournalEntry, step: Step) -> None:
    """Refuse what cannot be done to an entry in its status. Raises `RuleBroken`."""
    if entry.status not in step.sources:
        message = f"A journal entry cannot be {step.word} when its status is {entry.status}."
        raise RuleBroken(message)


def is_held(entry: JournalEntry) -> bool:
    """Say whether the ledger outside has the entry, or is about to, so that it has to stay."""
    return entry.transferred in _HELD


def check_cancellable(entry: JournalEntry) -> None:
    """Refuse to cancel an entry that is cancelled, or that the ledger outside has (R 6.4)."""
    check_step(entry, CANCEL)
    if is_held(entry):
        raise RuleBroken(
            "A journal entry cannot be cancelled when Transferred to Accounting is"
            f" {entry.transferred}."
        )


def check_transfer(entry: JournalEntry, wanted: Transferred, held: frozenset[Permission]) -> None:
    """Refuse to say of an entry that it was transferred, where that cannot be or is settled.

    Raises `RuleBroken`, or `Denied` for leaving `Yes` without the permission to (R 6.4).
    """
    if wanted is entry.transferred:
        return
    field = "transferredToAccounting"
    if entry.status is EntryStatus.CANCELLED:
        raise RuleBroken(NO_MORE_TRANSFER, field=field)
    if entry.status is not EntryStatus.CREATED:
        message = f"A journal entry cannot be transferred when its status is {entry.status}."
        raise RuleBroken(message, field=field)
    if entry.transferred is Transferred.YES:
        require(Permission.OVERRIDE_TRANSFERRED, held)


_CANCELLABLE = frozenset({RunStatus.PENDING, RunStatus.ERROR, RunStatus.COMPLETED})


def check_run_cancellable(status: RunStatus) -> None:
    """Refuse to cancel a run that is not pending, wrong or complete (R 6.2)."""
    if status not in _CANCELLABLE:
        raise RuleBroken(f"A journal run cannot be cancelled when its status is {status}.")


def check_deletable(kind: str, status: RunStatus | EntryStatus) -> None:
    """Refuse to delete what was not cancelled (R 6.2, R 6.4)."""
    if status not in {RunStatus.CANCELLED, EntryStatus.CANCELLED}:
        raise RuleBroken(
            f"A {kind} must be cancelled before it can be deleted.", code="CANNOT_DELETE"
        )
