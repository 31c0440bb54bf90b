"""Create a revenue schedule for a subscription charge (seed: create revenue schedule by charge)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from earned.domain.calendar import parse_day
from earned.domain.chart import parse_code_type
from earned.domain.errors import Missing, RuleBroken
from earned.domain.event_types import read_new_event_type
from earned.domain.money import Currency
from earned.domain.recognition_rule import CUSTOM, RecognitionRule
from earned.domain.schedule import RevenueSchedule
from earned.domain.scheduling import (
    NOTES_LENGTH_MAX,
    REFERENCE_LENGTH_MAX,
    SCHEDULES_PER_CHARGE_MAX,
    check_schedule_date,
    distribute,
    optional_text,
    read_distributions,
    read_flag,
    required_amount,
    required_text,
)
from earned.domain.subscription import RatePlanCharge
from earned.domain.tenancy import CustomFields
from earned.services.add_distributions import NewDistribution
from earned.services.check_limit import check_limit
from earned.services.distribute_revenue import open_ended_rules
from earned.services.find import charge_by_key
from earned.services.named_code import named_code
from earned.services.open_schedule import codes_of_charge, open_schedule
from earned.services.ports import Books, NumberKind
from earned.services.recognition_rules import rule_of
from earned.services.see_periods import periods_to_work_in

_RECOGNIZED = "recognizedRevenueAccountingCode"
_DEFERRED = "deferredRevenueAccountingCode"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRevenue:
    """Which charge, and the fields of the request as they were sent, by their wire names."""

    charge_key: str
    fields: Mapping[str, object]
    custom_fields: CustomFields = field(default_factory=dict)
    event_custom_fields: CustomFields = field(default_factory=dict)


def schedule_revenue(books: Books, command: ScheduleRevenue) -> RevenueSchedule:
    """Create a schedule by hand; checks in the order of R 2.9, the first that fails refuses.

    The number is taken before the last checks, so that two who create at once cannot both be the
    3,000th; a refusal gives it back. What a limited rule permits is checked after all else.
    """
    fields = command.fields
    charge = charge_by_key(books, command.charge_key)
    rule = _rule(books, charge)
    amount = required_amount(fields.get("amount"), Currency.of(charge.currency), "amount")
    facts = _dated(books, fields)
    amounts = _amounts(books, charge, amount, fields)
    event_type = read_new_event_type(fields.get("revenueEvent"), books.event_types.list())
    facts |= _codes(books, charge, fields)
    facts |= _texts(fields)
    event_notes = _event_notes(fields)
    number = books.next_number(NumberKind.REVENUE_SCHEDULE)
    _check_room(books, charge)
    schedule = RevenueSchedule(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        number=number,
        account_id=charge.account_id,
        original_subscription_id=charge.original_subscription_id,
        charge_id=charge.original_id,
        amount_minor=amount,
        currency=charge.currency,
        rule_name=rule.name,
        custom_fields=command.custom_fields,
        **facts,
        **books.stamp(),
    )
    first = NewDistribution(
        amounts_minor=amounts,
        type=event_type,
        notes=event_notes,
        custom_fields=command.event_custom_fields,
    )
    made = open_schedule(books, schedule, first)
    check_limit(books, rule, made)
    return made


def _rule(books: Books, charge: RatePlanCharge) -> RecognitionRule:
    rule = rule_of(books, charge)
    if rule is None or rule.model not in CUSTOM:
        raise RuleBroken(
            "Revenue schedule can only be created for a charge with a custom unlimited "
            "recognition rule."
        )
    return rule


def _dated(books: Books, fields: Mapping[str, object]) -> dict[str, Any]:
    """Return the schedule date (checks 8 and 9)."""
    name = "revenueScheduleDate"
    if fields.get(name) is None:
        raise Missing(f"'{name}' may not be null", field=name)
    day = parse_day(fields[name], name)
    check_schedule_date(day, periods_to_work_in(books))
    return {"schedule_date": day}


def _amounts(
    books: Books, charge: RatePlanCharge, amount_minor: int, fields: Mapping[str, object]
) -> Mapping[str, int]:
    """Return minor units by period id (checks 10 to 14)."""
    asked = read_distributions(fields.get("revenueDistributions"))
    rules = open_ended_rules(books.settings)
    currency = Currency.of(charge.currency)
    return distribute(amount_minor, asked, periods_to_work_in(books), currency, rules)


def _codes(books: Books, charge: RatePlanCharge, fields: Mapping[str, object]) -> dict[str, Any]:
    """Return the accounting codes: the charge's, unless they are overridden (check 16)."""
    name = "overrideChargeAccountingCodes"
    if not read_flag(fields.get(name), name):
        return codes_of_charge(books, charge)
    for code_field in (_RECOGNIZED, _DEFERRED):
        if code_field not in fields:
            raise Missing(f"'{code_field}' may not be null", field=code_field)
    recognized, deferred = _code(books, fields, _RECOGNIZED), _code(books, fields, _DEFERRED)
    return {
        "override_accounting_codes": True,
        "recognized_code": recognized[0],
        "recognized_code_type": recognized[1],
        "deferred_code": deferred[0],
        "deferred_code_type": deferred[1],
    }


def _code(
    books: Books, fields: Mapping[str, object], code_field: str
) -> tuple[str | None, str | None]:
    """Return the name and type of an overriding code; empty is no code, and then no type."""
    name = optional_text(fields[code_field], code_field)
    if not name:
        return None, None
    type_field = f"{code_field}Type"
    code_type = parse_code_type(required_text(fields.get(type_field), type_field), type_field)
    named_code(books, name, code_field, code_type=code_type, type_field=type_field)
    return name, code_type


def _texts(fields: Mapping[str, object]) -> dict[str, Any]:
    """Return notes and reference (check 17)."""
    return {
        "notes": optional_text(fields.get("notes"), "notes", NOTES_LENGTH_MAX),
        "reference_id": optional_text(
            fields.get("referenceId"), "referenceId", REFERENCE_LENGTH_MAX
        ),
    }


def _event_notes(fields: Mapping[str, object]) -> str | None:
    event = fields.get("revenueEvent")
    notes = event.get("notes") if isinstance(event, Mapping) else None
    return optional_text(notes, "revenueEvent.notes", NOTES_LENGTH_MAX)


def _check_room(books: Books, charge: RatePlanCharge) -> None:
    """Refuse one more than 3,000 made by hand (check 18); those the system made do not count."""
    made = books.schedules.count(
        charge_id=charge.original_id,
        fund_id=None,
        rating_result_id=None,
        credited_fund_id=None,
        rolled_fund_id=None,
        deleted=False,
    )
    if made >= SCHEDULES_PER_CHARGE_MAX:
        raise RuleBroken(
            f"A maximum of {SCHEDULES_PER_CHARGE_MAX:,} revenue schedules can be created for a "
            "subscription charge."
        )
