"""Roll prepaid funds over, and deplete them: `/v1/ppdd`, `/v1/prepaid-balance-funds`."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Write
from earned.http.validation import V1Request
from earned.services.deplete_funds import Depleted, DepleteFunds, deplete_funds
from earned.services.roll_by_hand import RollByHand, reverse_rollover, roll_by_hand
from earned.services.work import single

RESOURCE = 504500


class ValidityPeriod(V1Request):
    """A validity period: its first day, and the first that is not in it any more."""

    start_date: date
    end_date: date


class ReverseRollover(V1Request):
    """Which rollover to take back: the source is the later validity period."""

    subscription_number: str
    prepayment_uom: str = Field(description="The unit of the prepaid balance.")
    source_validity_period: ValidityPeriod
    destination_validity_period: ValidityPeriod


class Rollover(ReverseRollover):
    """Which validity period rolls into which: the source is the earlier."""

    priority: Literal["ApplyFirst", "ApplyLast"] = Field(
        description="Whether rolled units are used before or after ordinary ones."
    )


class RolloverAnswer(V1Answer):
    """How many funds rolled over."""

    message: str
    rollover_fund_count: int


class ReverseRolloverAnswer(V1Answer):
    """How many funds gave back what had rolled into them."""

    message: str
    reverse_rollover_fund_count: int


class DepleteOption(V1Request):
    """What to deplete of a fund: all of it, where neither amount nor quantity is given."""

    fund_id: str = Field(max_length=32)
    deplete_date: date | None = Field(
        default=None, description="By default the last day of the fund."
    )
    deplete_amount: Decimal | None = Field(default=None, description="Of a currency fund.")
    deplete_quantity: Decimal | None = Field(default=None, description="Of a unit fund.")


class Depletions(V1Request):
    """Exactly one of both, of up to 100 funds."""

    fund_ids: list[str] | None = None
    deplete_options: list[DepleteOption] | None = None


class DepletedFund(V1Answer):
    """What became of one fund."""

    fund_id: str
    status: Literal["success", "failed"]
    message: str
    deplete_date: date | None = None


class DepletedAnswer(V1Answer):
    """What became of each fund, in the order of the request."""

    fund_ids: list[DepletedFund]


def _command(call: Call) -> RollByHand:
    payload = call.payload
    return RollByHand(
        subscription_number=payload.get("subscriptionNumber"),
        uom=payload.get("prepaymentUom"),
        source=payload.get("sourceValidityPeriod"),
        destination=payload.get("destinationValidityPeriod"),
        priority=payload.get("priority"),
    )


def _rolled(call: Call, count: int) -> Mapping[str, object]:
    del call
    return {"success": True, "message": "Rollover is done", "rolloverFundCount": count}


def _rolled_back(call: Call, count: int) -> Mapping[str, object]:
    del call
    message = "Reverse rollover is done"
    return {"success": True, "message": message, "reverseRolloverFundCount": count}


def _depleted(call: Call, results: Sequence[Depleted]) -> Mapping[str, object]:
    del call
    return {"success": True, "fundIds": [_result(one) for one in results]}


def _result(one: Depleted) -> Mapping[str, object]:
    if one.day is None:
        return {"fundId": one.fund_id, "status": "failed", "message": one.refusal}
    message = "The fund object is depleted."
    return {
        "fundId": one.fund_id,
        "status": "success",
        "message": message,
        "depleteDate": one.day.isoformat(),
    }


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/ppdd/rollover",
        id="POST_Rollover",
        tag="Prepaid with Drawdown",
        summary="Roll over what is left of a validity period",
        resource=RESOURCE,
        body=Rollover,
        strict=False,
        answer=RolloverAnswer,
        work=Write(single(roll_by_hand), _command, _rolled),
    ),
    Operation(
        method="POST",
        path="/v1/ppdd/reverse-rollover",
        id="POST_ReverseRollover",
        tag="Prepaid with Drawdown",
        summary="Take back a rollover",
        resource=RESOURCE,
        body=ReverseRollover,
        strict=False,
        answer=ReverseRolloverAnswer,
        work=Write(single(reverse_rollover), _command, _rolled_back),
    ),
    Operation(
        method="POST",
        path="/v1/prepaid-balance-funds/deplete",
        id="DepleteFunds",
        tag="Prepaid with Drawdown",
        summary="Deplete prepaid funds",
        resource=RESOURCE,
        body=Depletions,
        strict=False,
        answer=DepletedAnswer,
        work=Write(
            single(deplete_funds), lambda call: DepleteFunds(payload=call.payload), _depleted
        ),
    ),
)
