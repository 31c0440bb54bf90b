"""Recognition rules: how the revenue of what a charge bills is recognised (R 3.1).

A rule is made of a model. The model decides which options it has; the others are None.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from earned.domain.charge import CUSTOM_UNLIMITED
from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.recognition import Method, Rounding
from earned.domain.scheduling import BY_DRAWDOWN
from earned.domain.tenancy import CustomFields, Stamped

RULES_MAX = 200
RULE_NAME_LENGTH_MAX = 100
DESCRIPTION_LENGTH_MAX = 500


class RuleModel(StrEnum):
    """What a rule is made of. Nothing is recognised by the last four on their own."""

    UPON_INVOICING = "Full recognition upon invoicing"
    SPECIFIC_DATE = "Full recognition on a specific date"
    DAILY = "Daily recognition over time"
    MONTHLY = "Monthly recognition over time"
    MANUAL = "Manual recognition"
    CUSTOM_UNLIMITED = "Custom - Unlimited recognition"
    CUSTOM_LIMITED = "Custom - Limited recognition"
    DRAWDOWN = "Recognition by drawdown"


CUSTOM = frozenset({RuleModel.CUSTOM_UNLIMITED, RuleModel.CUSTOM_LIMITED})
"""The models whose schedules are made by hand for a charge."""


class DateField(StrEnum):
    """A date of what is billed, or of its subscription, that a term is counted from."""

    SERVICE_PERIOD_START = "ServicePeriodStart"
    SERVICE_PERIOD_END = "ServicePeriodEnd"
    TRANSACTION_DATE = "TransactionDate"
    CONTRACT_EFFECTIVE_DATE = "ContractEffectiveDate"
    SERVICE_ACTIVATION_DATE = "ServiceActivationDate"
    CUSTOMER_ACCEPTANCE_DATE = "CustomerAcceptanceDate"
    RECOGNITION_START = "RecognitionStart"


class LengthUnit(StrEnum):
    """What the time after a date is counted in."""

    DAYS = "Days"
    MONTHS = "Months"
    YEARS = "Years"


LENGTH_MAX: Mapping[LengthUnit, int] = MappingProxyType(
    {LengthUnit.DAYS: 5000, LengthUnit.MONTHS: 120, LengthUnit.YEARS: 20}
)


class TransactionDate(StrEnum):
    """Whether revenue may be recognised before the transaction occurs (R 3.2 F7)."""

    REGARDLESS = "RegardlessOfTransaction"
    NOT_BEFORE = "NotBeforeTransaction"


class ClosedPeriods(StrEnum):
    """Where revenue goes that is for a closed period (R 3.2 F8): one answer is documented."""

    NEXT_OPEN = "NextOpenPeriod"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionRule(Stamped):
    """How revenue is recognised. Charges name it; once one does, it does not change any more.

    The term begins `start_after` units after a date, and ends so after another.
    """

    id: str
    entity_id: str
    name: str
    model: RuleModel
    description: str | None = None
    active: bool = True
    start_field: DateField | None = None
    start_after: int | None = None
    start_unit: LengthUnit | None = None
    end_field: DateField | None = None
    end_after: int | None = None
    end_unit: LengthUnit | None = None
    distribution_type: Method | None = None
    rounding: Rounding | None = None
    transaction_date: TransactionDate | None = None
    closed_periods: ClosedPeriods | None = None
    custom_fields: CustomFields = field(default_factory=dict)

    @property
    def is_preconfigured(self) -> bool:
        """Whether every entity has it."""
        return self.name in PRECONFIGURED


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueAutomation(Stamped):
    """From which day on billing makes revenue schedules on its own (R 2.8): the first of a period.

    An entity that has none makes them by hand only.
    """

    entity_id: str
    start_date: date


PRECONFIGURED: Mapping[str, RuleModel] = MappingProxyType(
    {
        "Recognize upon invoicing": RuleModel.UPON_INVOICING,
        "Recognize daily over time": RuleModel.DAILY,
        CUSTOM_UNLIMITED: RuleModel.CUSTOM_UNLIMITED,
        BY_DRAWDOWN: RuleModel.DRAWDOWN,
    }
)
"""The rules that every entity has, by name. They may be deactivated, never changed or deleted."""

_START = {
    "start_field": DateField.SERVICE_PERIOD_START,
    "start_after": 0,
    "start_unit": LengthUnit.DAYS,
}
_END = {
    "end_field": DateField.SERVICE_PERIOD_END,
    "end_after": 0,
    "end_unit": LengthUnit.DAYS,
}
_CLOSED = {"closed_periods": ClosedPeriods.NEXT_OPEN}
_DATED = {**_START, "transaction_date": TransactionDate.REGARDLESS, **_CLOSED}
_DAILY = {**_DATED, **_END, "rounding": Rounding.TRAILING}
_MONTHLY = {**_DAILY, "distribution_type": Method.BY_DAYS}
_OPTIONS: Mapping[RuleModel, Mapping[str, object]] = {
    RuleModel.UPON_INVOICING: _CLOSED,
    RuleModel.SPECIFIC_DATE: _DATED,
    RuleModel.DAILY: _DAILY,
    RuleModel.MONTHLY: _MONTHLY,
}
OPTION_NAMES = {
    "start_field": "recognitionStart",
    "end_field": "recognitionEnd",
    "distribution_type": "distributionType",
    "rounding": "rounding",
    "transaction_date": "transactionDate",
    "closed_periods": "closedPeriods",
}
"""The names of options on the wire. The first two have two more fields each."""
_ENDS = (DateField.SERVICE_PERIOD_END, DateField.RECOGNITION_START)


def completed(rule: RecognitionRule) -> RecognitionRule:
    """Return a rule with the defaults of its model for options that it has and does not say.

    Raises `EarnedError` naming each option that the model does not have or that cannot be.
    """
    options = _OPTIONS.get(rule.model, {})
    problems = [*_foreign(rule, options)]
    if not problems:
        said = {name: getattr(rule, name) for name in options}
        rule = replace(
            rule,
            **{name: options[name] if value is None else value for name, value in said.items()},  # type: ignore[arg-type]
        )
        problems = [*_impossible(rule)]
    if problems:
        raise EarnedError(problems)
    return rule


def _foreign(rule: RecognitionRule, options: Mapping[str, object]) -> Iterator[Problem]:
    for name, wire in OPTION_NAMES.items():
        if getattr(rule, name) is not None and name not in options:
            yield _wrong(wire, f"does not apply to the model '{rule.model}'")


def _impossible(rule: RecognitionRule) -> Iterator[Problem]:
    yield from _length("recognitionStart", rule.start_after, rule.start_unit)
    yield from _length("recognitionEnd", rule.end_after, rule.end_unit)
    if rule.start_field is DateField.RECOGNITION_START:
        yield _wrong("recognitionStart", "cannot be counted from itself")
    if rule.end_field is not None and rule.end_field not in _ENDS:
        yield _wrong("recognitionEnd", f"should be counted from one of: {', '.join(_ENDS)}")
    if rule.end_field is DateField.RECOGNITION_START and not rule.end_after:
        yield _wrong("recognitionEnd", "should be at least 1 after RecognitionStart")
    if rule.distribution_type is Method.DAILY:
        kinds = ", ".join(method for method in Method if method is not Method.DAILY)
        yield _wrong("distributionType", f"value should be one of: {kinds}")


def _length(wire: str, after: int | None, unit: LengthUnit | None) -> Iterator[Problem]:
    if after is not None and unit is not None and not 0 <= after <= LENGTH_MAX[unit]:
        yield _wrong(wire, f"should be between 0 and {LENGTH_MAX[unit]} {unit} after its date")


def _wrong(wire: str, text: str) -> Problem:
    return Problem(Kind.INVALID, f"'{wire}' {text}", wire)
