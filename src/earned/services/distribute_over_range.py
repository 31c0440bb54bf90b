"""Distribute the revenue of a schedule over a range of days, by a formula (R 2.4, R 3.2)."""

from earned.domain.distributing import checked
from earned.domain.periods import open_ended
from earned.domain.recognition import amounts_by_formula, changes
from earned.domain.recognition_range import read_range
from earned.domain.recognizing import remembered, spread_of_schedule
from earned.domain.schedule import Distribution
from earned.services.distribute_revenue import (
    DistributeRevenue,
    event_details,
    holding_of,
    open_ended_rules,
    schedule_to_distribute,
)
from earned.services.move_revenue import move_revenue
from earned.services.ports import Books
from earned.services.see_periods import periods_to_work_in


def distribute_over_range(books: Books, command: DistributeRevenue) -> Distribution | None:
    """Spread all of a schedule's revenue over a range; None where it lies so already.

    Closed periods keep what they hold, and what is meant for them goes to the next open one. The
    schedule remembers the range, so that periods yet to be defined get their shares.

    Checks, in this order: the schedule, the range (`read_range`), Open-Ended, the number of
    periods, the event. Raises `EarnedError`.
    """
    schedule = schedule_to_distribute(books, command.number)
    periods = periods_to_work_in(books)
    monthly = books.settings.monthly_recognition
    asked = read_range(command.fields, periods, monthly=monthly)
    holding = holding_of(books, schedule)
    spread = asked.in_currency(holding.currency)
    new = amounts_by_formula(schedule.amount_minor, spread, periods, holding.items)
    rest = open_ended(periods).id
    deltas = checked(holding, changes(new, holding.items), rest, open_ended_rules(books.settings))
    event = event_details(books, command.fields)
    made = move_revenue(
        books,
        schedule,
        deltas,
        event.type,
        notes=event.notes,
        custom_fields=command.custom_fields,
        recognition_start=spread.start,
        recognition_end=spread.end,
    )
    if remembered(spread_of_schedule(schedule)) != remembered(spread):
        books.schedules.change(schedule, **remembered(spread))
    return made
