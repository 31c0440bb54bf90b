"""What revenue schedules obey when they are made: the checks of R 2.9, in its words and order.

A request is read field by field as it was sent, because its checks run in one documented order that
mixes form and rules. Field names are those of the wire; they go into the messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from earned.domain.accounting import AccountingPeriod
from earned.domain.errors import Invalid, Missing, PeriodClosed, RuleBroken
from earned.domain.money import Currency, parse_amount
from earned.domain.periods import open_ended, period_of

PERIODS_MAX = 250
SCHEDULES_PER_CHARGE_MAX = 3000
NOTES_LENGTH_MAX = 2000
REFERENCE_LENGTH_MAX = 100
EVENT_TYPE_LENGTH_MAX = 50
RESERVED_SUFFIX = "__z"

DISTRIBUTIONS = "revenueDistributions"
TOO_MANY_PERIODS = f"Revenue can be distributed into a maximum of {PERIODS_MAX} accounting periods."
WRONG_SUM = "The sum of the newAmount fields must be equal to the amount field."

BY_DRAWDOWN = "Recognize by drawdown"
"""The rule of a fund's schedule where the prepayment charge names none."""


@dataclass(frozen=True, slots=True)
class DistributionType:
    """Why a schedule changed: a label for people and the system id for programs (R 2.7)."""

    label: str
    system_id: str


REVENUE_DISTRIBUTED = DistributionType("Revenue Distributed", "RevenueDistributed__z")

FUND_ACTIVATED = DistributionType("Fund Activated", "FundActivated__z")
"""A prepaid fund opened: its price is deferred, all of it in Open-Ended. Ours, after R 2.7."""

FUND_ROLLED = DistributionType("Fund Rolled Over", "FundRolledOver__z")
"""The price of units that rolled over went to another fund, or came back. Ours, after R 2.7."""

USAGE_COLLECTED = DistributionType("Usage Collected", "UsageCollected__z")
"""Revenue events of a fund were collected: Open-Ended gave what periods got. Ours, after R 2.7."""

BUILT_IN = MappingProxyType(
    {
        REVENUE_DISTRIBUTED.system_id: REVENUE_DISTRIBUTED.label,
        "InvoicePosted__z": "Invoice Posted",
        "InvoiceCanceled__z": "Invoice Canceled",
        "InvoiceItemAdjustmentCreated__z": "Invoice Item Adjustment Created",
        "InvoiceItemAdjustmentCanceled__z": "Invoice Item Adjustment Canceled",
        "CreditMemoPosted__z": "Credit Memo Posted",
        "CreditMemoCanceled__z": "Credit Memo Canceled",
        "DebitMemoPosted__z": "Debit Memo Posted",
        "DebitMemoCanceled__z": "Debit Memo Canceled",
        "AccountingPeriodsCreated__z": "Accounting Period(s) Created",
    }
)
"""Labels of the types a request may name although their system ids are reserved."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One element of `revenueDistributions`: an amount, yet unread, for a period by name."""

    period_name: str
    amount: object
    field: str


def required_amount(value: object, currency: Currency, field: str) -> int:
    """Return an amount in minor units (checks 5 to 7). Raises `Missing` or `Invalid`."""
    if value is None:
        raise Missing(f"'{field}' may not be null", field=field)
    return parse_amount(value, currency, field)


def check_schedule_date(day: date, periods: Sequence[AccountingPeriod]) -> None:
    """Refuse a day in a closed period (check 9)."""
    if period_of(periods, day).is_closed:
        raise PeriodClosed(
            "Revenue schedule date cannot be in a closed accounting period.",
            field="revenueScheduleDate",
        )


def read_distributions(value: object) -> Sequence[Asked]:
    """Return what is asked for each period, at most 250, each named once (check 10)."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Invalid(f"'{DISTRIBUTIONS}' value is invalid", field=DISTRIBUTIONS)
    if len(value) > PERIODS_MAX:
        raise RuleBroken(TOO_MANY_PERIODS, field=DISTRIBUTIONS)
    asked = [_read_distribution(one, f"{DISTRIBUTIONS}.{at}") for at, one in enumerate(value)]
    names = [one.period_name for one in asked]
    for name in names:
        if names.count(name) > 1:
            message = f"Accounting period '{name}' is given more than once."
            raise RuleBroken(message, field=DISTRIBUTIONS)
    return asked


def _read_distribution(value: object, field: str) -> Asked:
    if not isinstance(value, Mapping):
        raise Invalid(f"'{field}' value is invalid", field=field)
    name = required_text(value.get("accountingPeriodName"), f"{field}.accountingPeriodName")
    return Asked(name, value.get("newAmount"), f"{field}.newAmount")


def open_periods_of(
    asked: Sequence[Asked], periods: Sequence[AccountingPeriod]
) -> Sequence[AccountingPeriod]:
    """Return the period of each distribution: there (check 11) and not closed (check 12)."""
    known = {period.name: period for period in periods}
    for one in asked:
        if one.period_name not in known:
            message = f"Cannot find accounting period '{one.period_name}'."
            raise Invalid(message, field=DISTRIBUTIONS)
    found = [known[one.period_name] for one in asked]
    for period in found:
        if period.is_closed:
            message = (
                f"Revenue cannot be distributed into closed accounting period '{period.name}'."
            )
            raise PeriodClosed(message, field=DISTRIBUTIONS)
    return found


@dataclass(frozen=True, slots=True)
class OpenEndedRules:
    """What the entity decided about Open-Ended (R 2.1, R 2.4).

    With `plug`, Open-Ended is whatever the other periods leave of the amount, and the sum of what
    is asked is not checked. With `may_oppose`, it may have the sign that the amount does not have.
    """

    plug: bool = False
    may_oppose: bool = False


def distribute(
    amount_minor: int,
    asked: Sequence[Asked],
    periods: Sequence[AccountingPeriod],
    currency: Currency,
    rules: OpenEndedRules,
    wrong_sum: str = WRONG_SUM,
) -> Mapping[str, int]:
    """Return minor units by period id that add up to the amount (checks 11 to 14).

    Where nothing is asked, all of it is in Open-Ended. `wrong_sum` says what they do not add up to.
    """
    rest = open_ended(periods).id
    if not asked:
        return {rest: amount_minor}
    found = open_periods_of(asked, periods)
    amounts = {
        period.id: required_amount(one.amount, currency, one.field)
        for period, one in zip(found, asked, strict=True)
    }
    if rules.plug:
        amounts[rest] = amount_minor - (sum(amounts.values()) - amounts.get(rest, 0))
    elif sum(amounts.values()) != amount_minor:
        raise RuleBroken(wrong_sum, field=DISTRIBUTIONS)
    check_open_ended(amounts.get(rest, 0), amount_minor, rules)
    return amounts


def check_open_ended(
    rest_minor: int, amount_minor: int, rules: OpenEndedRules, was_minor: int = 0
) -> None:
    """Refuse an Open-Ended amount of the other sign than the schedule, where it may not (R 2.4).

    One that has it already, because it was allowed or collected, may keep it, but not grow.
    """
    if rules.may_oppose or not _oppose(rest_minor, amount_minor):
        return
    if not _oppose(was_minor, amount_minor) or abs(rest_minor) > abs(was_minor):
        message = "The Open-Ended accounting period cannot have a negative amount."
        raise RuleBroken(message, field=DISTRIBUTIONS)


def _oppose(rest_minor: int, amount_minor: int) -> bool:
    """Say whether Open-Ended is negative, or positive where the amount is negative."""
    return rest_minor > 0 if amount_minor < 0 else rest_minor < 0


def required_text(value: object, field: str, most: int | None = None) -> str:
    """Return a text that is there and not blank."""
    if value is None or (isinstance(value, str) and not value.strip()):
        raise Missing(f"'{field}' may not be null", field=field)
    text = optional_text(value, field, most)
    assert text is not None
    return text


def optional_text(value: object, field: str, most: int | None = None) -> str | None:
    """Return a text of at most `most` characters, or None (check 17)."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Invalid(f"'{field}' value is invalid", field=field)
    if most is not None and len(value) > most:
        raise Invalid(f"'{field}' value should be at most {most} characters", field=field)
    return value


def read_flag(value: object, field: str) -> bool:
    """Return a boolean, also one sent as a string, as the seed's sample does; False if absent."""
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise Invalid(f"'{field}' value is invalid", field=field)
