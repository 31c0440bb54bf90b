"""Collect revenue and expire funds, for the whole entity at once: `/v1/revenue`."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel, Field

from earned.domain.collecting import Collected
from earned.domain.money import Currency, major
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Write
from earned.http.validation import V1Request
from earned.services.collect_revenue import collect_revenue
from earned.services.expire_funds import Expired, ExpireFunds, expire_funds
from earned.services.ports import Books
from earned.services.work import single

RESOURCE = 506600


class CollectedAnswer(V1Answer):
    """What was collected."""

    events_collected: int = Field(description="Revenue recognition events that were collected.")
    revenue_event_count: int = Field(description="Revenue events made: one for each schedule.")
    revenue_schedule_count: int = Field(description="Revenue schedules made, of overage.")


class ThroughDate(V1Request):
    """Through which day."""

    through_date: str = Field(
        description="Funds expire whose last day is not later, `yyyy-mm-dd`; a day that is over."
    )


class Breakage(BaseModel):
    """What units that nobody used earn, in one currency."""

    currency: str
    amount: Decimal


class ExpiredAnswer(V1Answer):
    """What expired."""

    expired_fund_count: int
    breakage: list[Breakage]


def _collect(books: Books, command: None) -> Collected:
    del command
    return collect_revenue(books)


def _collected(call: Call, done: Collected) -> Mapping[str, object]:
    del call
    return {
        "success": True,
        "eventsCollected": done.events,
        "revenueEventCount": len(done.distributions),
        "revenueScheduleCount": len(done.schedules),
    }


def _expired(call: Call, done: Expired) -> Mapping[str, object]:
    del call
    breakage = [
        {"currency": code, "amount": major(minor, Currency.of(code))}
        for code, minor in sorted(done.amounts_minor.items())
    ]
    return {"success": True, "expiredFundCount": done.funds, "breakage": breakage}


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/revenue/collect",
        id="POST_CollectRevenue",
        tag="Revenue",
        summary="Collect revenue recognition events into revenue schedules",
        resource=RESOURCE,
        answer=CollectedAnswer,
        work=Write(single(_collect), lambda _call: None, _collected),
    ),
    Operation(
        method="POST",
        path="/v1/revenue/expire-funds",
        id="POST_ExpireFunds",
        tag="Revenue",
        summary="Expire prepaid funds whose validity is over",
        resource=RESOURCE,
        body=ThroughDate,
        strict=False,
        answer=ExpiredAnswer,
        work=Write(
            single(expire_funds),
            lambda call: ExpireFunds(through=call.payload.get("throughDate")),
            _expired,
        ),
    ),
)
