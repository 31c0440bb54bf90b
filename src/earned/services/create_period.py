"""Create an accounting period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from earned.domain.accounting import AccountingPeriod
from earned.domain.billing import AdjustmentStatus, DocumentStatus
from earned.domain.errors import Duplicate
from earned.domain.period_rules import PeriodBounds, check_new_period
from earned.domain.tenancy import CustomFields
from earned.services.fill_period import fill_period
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePeriod:
    """What the caller says of the period; both dates are in it."""

    name: str
    start_date: date
    end_date: date
    fiscal_year: int
    fiscal_quarter: int | None = None
    notes: str | None = None
    organization_labels: Sequence[Mapping[str, object]] = ()
    custom_fields: CustomFields = field(default_factory=dict)


def create_period(books: Books, command: CreatePeriod) -> AccountingPeriod:
    """Create an open period out of the first days of Open-Ended, with its share of revenue (R 5).

    Raises `Duplicate` for a name that is taken, `Invalid` or `RuleBroken` for dates that cannot be.
    """
    refuse_taken_period(books, command.name)
    periods, bounds = books.periods.list(), period_bounds(books)
    check_new_period(periods, command.start_date, command.end_date, bounds)
    period = books.periods.add(
        AccountingPeriod(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            name=command.name,
            start_date=command.start_date,
            end_date=command.end_date,
            fiscal_year=command.fiscal_year,
            fiscal_quarter=command.fiscal_quarter,
            notes=command.notes,
            organization_labels=command.organization_labels,
            custom_fields=command.custom_fields,
            **books.stamp(),
        )
    )
    fill_period(books, period)
    return period


def refuse_taken_period(books: Books, name: str) -> None:
    """Refuse the name of another period. Raises `Duplicate`."""
    if books.periods.find(name=name) is not None:
        raise Duplicate(f"The accounting period '{name}' already exists.", field="name")


def period_bounds(books: Books) -> PeriodBounds:
    """Return what limits the dates of the entity's periods."""
    return PeriodBounds(
        earliest=_earliest_transaction(books), whole_months=books.settings.monthly_recognition
    )


def _earliest_transaction(books: Books) -> date | None:
    """Return the first day of the entity's books on which anything bears on revenue.

    Usage becomes a transaction with its revenue event. What was canceled is none any more.
    """
    everyone = books.entire
    events = everyone.events.list(deleted=False, order_by=["transaction_date"], limit=1)
    schedules = everyone.schedules.list(deleted=False, order_by=["schedule_date"], limit=1)
    in_force = [DocumentStatus.DRAFT, DocumentStatus.POSTED]
    documents = everyone.documents.list(status=in_force, order_by=["document_date"], limit=1)
    processed = AdjustmentStatus.PROCESSED
    adjustments = everyone.adjustments.list(status=processed, order_by=["adjustment_date"], limit=1)
    days = [
        *(event.transaction_date for event in events),
        *(schedule.schedule_date for schedule in schedules),
        *(document.document_date for document in documents),
        *(adjustment.adjustment_date for adjustment in adjustments),
    ]
    return min(days, default=None)
