"""Revenue schedules of billing transactions: `/v1/revenue-schedules/invoice-items/{...}` and so on.

There are four families of the same three operations. The amounts of credits are negative.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated

from pydantic import Field

from earned.domain.recognition import Method
from earned.domain.schedule import LinkedType
from earned.domain.scheduling import EVENT_TYPE_LENGTH_MAX, NOTES_LENGTH_MAX, PERIODS_MAX
from earned.http.operation import Call, Operation, Read, Write
from earned.http.routes.revenue_schedules import (
    PATH,
    RESOURCE,
    TAG,
    PeriodAmount,
    RevenueScheduleCreated,
)
from earned.http.schedule_answers import present_schedule
from earned.http.schedule_models import ScheduleAnswer
from earned.http.validation import V1Request, custom_fields
from earned.services.ports import Books
from earned.services.schedule_transaction import (
    WORDS,
    ScheduleTransaction,
    schedule_of_transaction,
    schedule_transaction,
    schedule_transaction_over_range,
)
from earned.services.work import single

EventText = Annotated[str, Field(max_length=EVENT_TYPE_LENGTH_MAX)]
Notes = Annotated[str, Field(max_length=NOTES_LENGTH_MAX)]


class EventOfTransaction(V1Request):
    """What to call the event that creates the schedule; one of its two names will do."""

    event_type: EventText | None = None
    event_type_system_id: EventText | None = None
    notes: Notes | None = None


class TransactionSchedule(V1Request):
    """How the amount lies, all of it in Open-Ended unless it is said. Checked by the use case."""

    revenue_distributions: Annotated[list[PeriodAmount], Field(max_length=PERIODS_MAX)] | None = (
        None
    )
    revenue_event: EventOfTransaction | None = None
    notes: Notes | None = None


class TransactionScheduleOverRange(V1Request):
    """The days to spread the amount over, both ends included. Checked by the use case.

    The event is required for items and adjustments of invoices.
    """

    recognition_start: date
    recognition_end: date
    distribution_type: Method = Method.DAILY
    revenue_event: EventOfTransaction | None = None
    notes: Notes | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """The operations of one kind of transaction: its path, its key, and how they are called."""

    linked_type: LinkedType
    segment: str
    key: str
    suffix: str

    @property
    def one(self) -> str:
        """The path of one transaction."""
        return f"{PATH}/{self.segment}/{{{self.key}}}"


FAMILIES = (
    Family(LinkedType.INVOICE_ITEM, "invoice-items", "invoice-item-id", "InvoiceItem"),
    Family(
        LinkedType.INVOICE_ITEM_ADJUSTMENT,
        "invoice-item-adjustments",
        "invoice-item-adj-key",
        "InvoiceItemAdjustment",
    ),
    Family(LinkedType.CREDIT_MEMO_ITEM, "credit-memo-items", "cmi-id", "CreditMemoItem"),
    Family(LinkedType.DEBIT_MEMO_ITEM, "debit-memo-items", "dmi-id", "DebitMemoItem"),
)


def _command(family: Family, call: Call) -> ScheduleTransaction:
    event = call.payload.get("revenueEvent")
    return ScheduleTransaction(
        linked_type=family.linked_type,
        key=call.path[family.key],
        fields=call.payload,
        custom_fields=custom_fields(call.payload),
        event_custom_fields=custom_fields(event) if isinstance(event, Mapping) else {},
    )


def _created(call: Call, number: str) -> Mapping[str, object]:
    del call
    return {"revenueScheduleNumber": number, "success": True}


def _get(family: Family, books: Books, call: Call) -> Mapping[str, object]:
    view = schedule_of_transaction(books, family.linked_type, call.path[family.key])
    return {**present_schedule(view, books.settings.zone), "success": True}


def _operations(family: Family) -> Iterator[Operation]:
    words = WORDS[family.linked_type]
    article = "an" if words.startswith("i") else "a"
    command = partial(_command, family)
    yield Operation(
        method="POST",
        path=family.one,
        id=f"POST_RSfor{family.suffix}_ManualDistribution",
        tag=TAG,
        summary=f"Create the revenue schedule of {article} {words}",
        resource=RESOURCE,
        body=TransactionSchedule,
        body_required=False,
        strict=False,
        answer=RevenueScheduleCreated,
        work=Write(single(schedule_transaction, structural=False), command, _created),
    )
    yield Operation(
        method="POST",
        path=f"{family.one}/distribute-revenue-with-date-range",
        id=f"POST_RSfor{family.suffix}_DistributeByDateRange",
        tag=TAG,
        summary=f"Create the revenue schedule of {article} {words}, over a range of days",
        resource=RESOURCE,
        body=TransactionScheduleOverRange,
        strict=False,
        answer=RevenueScheduleCreated,
        work=Write(single(schedule_transaction_over_range, structural=False), command, _created),
    )
    yield Operation(
        method="GET",
        path=family.one,
        id=f"GET_RSby{family.suffix}",
        tag=TAG,
        summary=f"Retrieve the revenue schedule of {article} {words}",
        answer=ScheduleAnswer,
        work=Read(partial(_get, family)),
    )


OPERATIONS = tuple(row for family in FAMILIES for row in _operations(family))
