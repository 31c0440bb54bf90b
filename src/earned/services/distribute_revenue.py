"""Distribute the revenue of a schedule by hand: over periods, or on a specific date (R 2.4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from earned.domain.distributing import Holding, move_on_date, read_delta, spread_anew
from earned.domain.errors import Invalid, Missing, RuleBroken
from earned.domain.event_types import read_event_type
from earned.domain.money import Currency
from earned.domain.periods import open_ended
from earned.domain.recognizing import remembered
from earned.domain.schedule import Distribution, RevenueSchedule
from earned.domain.scheduling import (
    NOTES_LENGTH_MAX,
    DistributionType,
    OpenEndedRules,
    optional_text,
    read_distributions,
)
from earned.domain.tenancy import CustomFields, Settings
from earned.services.move_revenue import move_revenue, schedule_to_change
from earned.services.ports import Books
from earned.services.see_periods import periods_to_work_in


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributeRevenue:
    """Which schedule, and the fields of the request as they were sent, by their wire names."""

    number: str
    fields: Mapping[str, object]
    custom_fields: CustomFields


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDetails:
    """What a request says about the revenue event that it makes."""

    type: DistributionType
    notes: str | None


def distribute_across_periods(books: Books, command: DistributeRevenue) -> Distribution | None:
    """Give accounting periods new amounts; None where they have them already.

    Checks, in this order: the schedule, the periods, their amounts, the total, Open-Ended, the
    event. Raises `NotFound`, `Missing`, `Invalid` or `RuleBroken`.
    """
    schedule = schedule_to_distribute(books, command.number)
    value = command.fields.get("revenueDistributions")
    if value is None:
        raise Missing("'revenueDistributions' may not be null", field="revenueDistributions")
    asked, rules = read_distributions(value), open_ended_rules(books.settings)
    deltas = spread_anew(holding_of(books, schedule), asked, periods_to_work_in(books), rules)
    return _store(books, schedule, deltas, command)


def distribute_on_date(books: Books, command: DistributeRevenue) -> Distribution | None:
    """Move an amount out of Open-Ended into the period of a day; None if the amount is nothing.

    Checks, in this order: the schedule, the day, the type, the amount or percentage, the period,
    Open-Ended, the event. Raises `NotFound`, `Missing`, `Invalid` or `RuleBroken`.
    """
    schedule = schedule_to_distribute(books, command.number)
    delta = read_delta(command.fields, Currency.of(schedule.currency))
    holding, rules = holding_of(books, schedule), open_ended_rules(books.settings)
    deltas = move_on_date(holding, delta, periods_to_work_in(books), rules)
    return _store(books, schedule, deltas, command)


def schedule_to_distribute(books: Books, number: str) -> RevenueSchedule:
    """Return a schedule that may be distributed by hand, held until the transaction ends.

    What usage earns is collected, so the schedules of funds and of overage lie as usage says. Those
    of a canceled billing transaction come to nothing together. Raises `NotFound` or `RuleBroken`.
    """
    schedule = schedule_to_change(books, number)
    if schedule.is_kept:
        raise RuleBroken(
            f"Revenue schedule {schedule.number} is kept by collecting revenue events and cannot "
            "be distributed by hand."
        )
    if schedule.reverses_id or books.schedules.count(reverses_id=schedule.id):
        raise RuleBroken(
            f"Revenue schedule {schedule.number} cannot be distributed: its billing transaction is "
            "canceled."
        )
    return schedule


def event_details(books: Books, fields: Mapping[str, object]) -> EventDetails:
    """Read what a distribution is to be called: `eventType`, `eventTypeSystemId` and `notes`.

    They are fields of the request, or of its `revenueEvent`, as when a schedule is created. Raises
    `Missing` or `Invalid`.
    """
    nested = fields.get("revenueEvent")
    if nested is not None and not isinstance(nested, Mapping):
        raise Invalid("'revenueEvent' value is invalid", field="revenueEvent")
    said, prefix = (fields, "") if nested is None else (nested, "revenueEvent.")
    return EventDetails(
        type=read_event_type(said, books.event_types.list(), prefix),
        notes=optional_text(said.get("notes"), f"{prefix}notes", NOTES_LENGTH_MAX),
    )


def holding_of(books: Books, schedule: RevenueSchedule) -> Holding:
    """Return what a schedule holds in each period."""
    items = books.items.list(schedule_id=schedule.id)
    held = {item.period_id: item.amount_minor for item in items}
    return Holding(schedule.amount_minor, held, books.currency(schedule.currency))


def open_ended_rules(settings: Settings) -> OpenEndedRules:
    """Return what the entity decided about Open-Ended."""
    return OpenEndedRules(
        settings.open_ended_plug, settings.allow_revenue_schedule_negative_amounts
    )


def _store(
    books: Books,
    schedule: RevenueSchedule,
    deltas: Mapping[str, int],
    command: DistributeRevenue,
) -> Distribution | None:
    """Move the amounts; forget the range that the schedule was spread over, if there is one.

    A new accounting period takes its share of such a range out of Open-Ended, and what somebody
    put there or took from there by hand since is not to be moved again.
    """
    event = event_details(books, command.fields)
    made = move_revenue(
        books,
        schedule,
        deltas,
        event.type,
        notes=event.notes,
        custom_fields=command.custom_fields,
    )
    rest = open_ended(books.periods.list())
    if schedule.recognition_start is not None and deltas.get(rest.id):
        books.schedules.change(schedule, **remembered(None))
    return made
