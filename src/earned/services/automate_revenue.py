"""Say from which day on billing makes revenue schedules on its own (R 2.8)."""

from dataclasses import dataclass
from datetime import date

from earned.domain.errors import RuleBroken
from earned.domain.periods import defined
from earned.domain.recognition_rule import RevenueAutomation
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomateRevenue:
    """From which day on; the first of an accounting period."""

    start_date: date


def automate_revenue(books: Books, command: AutomateRevenue) -> RevenueAutomation:
    """Set the day, or another one; what billing did before stays as it is.

    Raises `RuleBroken` for a day on which no accounting period starts.
    """
    day = command.start_date
    if day not in {period.start_date for period in defined(books.periods.list())}:
        raise RuleBroken(
            "The revenue automation start date must be the first day of an accounting period.",
            field="startDate",
        )
    known = books.revenue_automation.find()
    entity_id = books.scope.entity_id
    was = {"startDate": day, "was": known and known.start_date}
    leave_trace(books, "set", "RevenueAutomation", entity_id, was)
    if known is not None:
        return books.revenue_automation.change(known, start_date=day)
    return books.revenue_automation.add(
        RevenueAutomation(entity_id=entity_id, start_date=day, **books.stamp())
    )
