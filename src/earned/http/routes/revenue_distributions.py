"""Distributing revenue by hand: `/v1/revenue-schedules/{rs-number}/distribute-revenue-...`.

The official client's models have the fields of the event beside the others; as when a schedule is
created, they may come in a `revenueEvent` too.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from earned.domain.distributing import DeltaType
from earned.domain.schedule import Distribution
from earned.domain.scheduling import EVENT_TYPE_LENGTH_MAX, NOTES_LENGTH_MAX, PERIODS_MAX
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Write
from earned.http.routes.revenue_schedules import ONE, RESOURCE, TAG, Amount, PeriodAmount
from earned.http.validation import V1Request, custom_fields
from earned.services.distribute_revenue import (
    DistributeRevenue,
    distribute_across_periods,
    distribute_on_date,
)
from earned.services.work import single

EventText = Annotated[str, Field(max_length=EVENT_TYPE_LENGTH_MAX)]


class EventOfDistribution(V1Request):
    """What to call the revenue event, `Revenue Distributed` without it; either field will do."""

    event_type: EventText | None = None
    event_type_system_id: EventText | None = None
    notes: Annotated[str, Field(max_length=NOTES_LENGTH_MAX)] | None = None


class AcrossPeriods(EventOfDistribution):
    """New amounts of accounting periods; the others keep theirs. Checked by the use case."""

    revenue_distributions: Annotated[list[PeriodAmount], Field(max_length=PERIODS_MAX)]


class OnSpecificDate(EventOfDistribution):
    """What to move out of Open-Ended, into the period of which day. Checked by the use case."""

    distribute_on: date
    distribution_type: DeltaType
    amount: Amount | None = None
    percentage: Annotated[str | Decimal, Field(description="From 0 to 100.")] | None = None


class RevenueDistributed(V1Answer):
    """Which revenue event it made; absent where nothing changed."""

    revenue_event_number: str | None = None


def command_of(call: Call) -> DistributeRevenue:
    """Return the command of a request; custom fields are those of the event."""
    event = call.payload.get("revenueEvent")
    nested = custom_fields(event) if isinstance(event, Mapping) else {}
    return DistributeRevenue(
        number=call.path["rs-number"],
        fields=call.payload,
        custom_fields={**custom_fields(call.payload), **nested},
    )


def distributed(call: Call, made: Distribution | None) -> Mapping[str, object]:
    """Answer the number of the event, if there is one."""
    del call
    return {"revenueEventNumber": made.number, "success": True} if made else {"success": True}


OPERATIONS = (
    Operation(
        method="PUT",
        path=f"{ONE}/distribute-revenue-across-accounting-periods",
        id="PUT_RevenueAcrossAP",
        tag=TAG,
        summary="Distribute revenue across accounting periods",
        resource=RESOURCE,
        body=AcrossPeriods,
        strict=False,
        answer=RevenueDistributed,
        work=Write(single(distribute_across_periods, structural=False), command_of, distributed),
    ),
    Operation(
        method="PUT",
        path=f"{ONE}/distribute-revenue-on-specific-date",
        id="PUT_RevenueSpecificDate",
        tag=TAG,
        summary="Distribute revenue on a specific date",
        resource=RESOURCE,
        body=OnSpecificDate,
        strict=False,
        answer=RevenueDistributed,
        work=Write(single(distribute_on_date, structural=False), command_of, distributed),
    ),
)
