"""Regenerate revenue recognition events: `/v1/uno-regenerate`."""

from collections.abc import Mapping

from pydantic import Field

from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Parameter, Write
from earned.http.validation import V1Request
from earned.services.ports import Books
from earned.services.regenerate_consumption import (
    Rebuilt,
    RegenerateConsumption,
    Regenerated,
    rebuild_consumption,
    restore_consumption,
)
from earned.services.work import single

RESOURCE = 505000


class Scope(V1Request):
    """Which prepayment charge to regenerate, and how much of it."""

    original_charge_id: str = Field(max_length=32, description="Original rate plan charge ID.")
    charge_segment_number: str | None = Field(
        default=None, description="The segment; or the charge number, for all of them."
    )
    fund_id: str | None = Field(default=None, max_length=32, description="Fund ID.")


def _rebuild(books: Books, call: Call) -> Rebuilt:
    payload = call.payload
    return rebuild_consumption(
        books,
        RegenerateConsumption(
            original_charge_id=payload.get("originalChargeId"),
            charge_segment_number=payload.get("chargeSegmentNumber"),
            fund_id=payload.get("fundId"),
            for_revenue_recollect=call.first("forRevenueRecollect").lower() == "true",
        ),
    )


def _regenerated(call: Call, done: Regenerated) -> Mapping[str, object]:
    del call, done
    return {"success": True}


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/uno-regenerate/rev-rec-events/daily-consumption",
        id="POST_GenerateRevRecEventsForDailyConsumption",
        tag="Regenerate",
        summary="Regenerate revenue recognition events transactions for Daily Consumption",
        resource=RESOURCE,
        body=Scope,
        strict=False,
        answer=V1Answer,
        parameters=(
            Parameter(
                "forRevenueRecollect",
                "Whether the data regenerated is to be collected into revenue again.",
                {"type": "boolean", "default": False},
            ),
        ),
        work=Write(
            single(restore_consumption, structural=False), None, _regenerated, prepare=_rebuild
        ),
    ),
)
