"""Revenue schedules: `/v1/revenue-schedules`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from earned.domain.schedule import RevenueSchedule
from earned.domain.scheduling import (
    EVENT_TYPE_LENGTH_MAX,
    NOTES_LENGTH_MAX,
    PERIODS_MAX,
    REFERENCE_LENGTH_MAX,
)
from earned.http.answers import V1Answer
from earned.http.done import done
from earned.http.operation import Call, Operation, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.schedule_answers import present_product_schedule, present_schedule
from earned.http.schedule_models import ProductScheduleList, ScheduleAnswer, ScheduleList
from earned.http.validation import V1Request, custom_fields
from earned.services.change_schedule import ChangeSchedule, change_schedule
from earned.services.delete_schedule import delete_schedule
from earned.services.ports import Books
from earned.services.read_schedules import (
    read_schedule,
    schedules_of_charge,
    schedules_of_product_charge,
)
from earned.services.schedule_revenue import ScheduleRevenue, schedule_revenue
from earned.services.work import single

RESOURCE = 506000
PAGE_SIZE = 8
PATH = "/v1/revenue-schedules"
ONE = f"{PATH}/{{rs-number}}"
OF_CHARGE = f"{PATH}/subscription-charges/{{charge-key}}"
TAG = "Revenue schedules"

Amount = Annotated[str | Decimal, Field(description="Decimals as the currency has them.")]
EventText = Annotated[str, Field(max_length=EVENT_TYPE_LENGTH_MAX)]
Notes = Annotated[str, Field(max_length=NOTES_LENGTH_MAX)]
Code = Annotated[str, Field(description="Used only where the charge's codes are overridden.")]


class PeriodAmount(V1Request):
    """How much of the amount goes into one accounting period."""

    accounting_period_name: str
    new_amount: Amount


class RevenueEventDetails(V1Request):
    """What to call the event that creates the schedule; custom fields are kept with it."""

    event_type: EventText
    event_type_system_id: EventText
    notes: Notes | None = None


class NewRevenueSchedule(V1Request):
    """The body of a request for a revenue schedule; checked by the use case, in its order."""

    amount: Amount
    revenue_schedule_date: date
    revenue_distributions: Annotated[list[PeriodAmount], Field(max_length=PERIODS_MAX)] | None = (
        None
    )
    revenue_event: RevenueEventDetails | None = None
    notes: Notes | None = None
    reference_id: Annotated[str, Field(max_length=REFERENCE_LENGTH_MAX)] | None = None
    override_charge_accounting_codes: bool | Literal["true", "false"] = False
    recognized_revenue_accounting_code: Code | None = None
    recognized_revenue_accounting_code_type: str | None = None
    deferred_revenue_accounting_code: Code | None = None
    deferred_revenue_accounting_code_type: str | None = None


class ChangedRevenueSchedule(V1Request):
    """What becomes of a schedule; what is not named stays, null takes away."""

    notes: Notes | None = None
    reference_id: Annotated[str, Field(max_length=REFERENCE_LENGTH_MAX)] | None = None


class RevenueScheduleCreated(V1Answer):
    """Which schedule was created."""

    revenue_schedule_number: str


def _command(call: Call) -> ScheduleRevenue:
    event = call.payload.get("revenueEvent")
    return ScheduleRevenue(
        charge_key=call.path["charge-key"],
        fields=call.payload,
        custom_fields=custom_fields(call.payload),
        event_custom_fields=custom_fields(event) if isinstance(event, Mapping) else {},
    )


def _created(call: Call, schedule: RevenueSchedule) -> Mapping[str, object]:
    del call
    return {"revenueScheduleNumber": schedule.number, "success": True}


def _changed(call: Call) -> ChangeSchedule:
    return ChangeSchedule(
        number=_number(call), fields=call.payload, custom_fields=custom_fields(call.payload)
    )


def _number(call: Call) -> str:
    return call.path["rs-number"]


def _get(books: Books, call: Call) -> Mapping[str, object]:
    view = read_schedule(books, _number(call))
    return {**present_schedule(view, books.settings.zone), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    page, zone = page_of(call, PAGE_SIZE), books.settings.zone
    found = schedules_of_charge(books, call.path["charge-key"], page.limit, page.offset)
    return answer_page(
        call, page, "revenueSchedules", found, lambda view: present_schedule(view, zone)
    )


def _list_of_product(books: Books, call: Call) -> Mapping[str, object]:
    page, zone = page_of(call, PAGE_SIZE), books.settings.zone
    charge, account = call.path["charge-key"], call.path["account-key"]
    found = schedules_of_product_charge(books, charge, account, page.limit, page.offset)
    return answer_page(
        call, page, "revenueSchedules", found, lambda view: present_product_schedule(view, zone)
    )


OPERATIONS = (
    Operation(
        method="POST",
        path=OF_CHARGE,
        id="POST_RSforSubscCharge",
        tag=TAG,
        summary="Create a revenue schedule by subscription charge",
        resource=RESOURCE,
        body=NewRevenueSchedule,
        strict=False,
        answer=RevenueScheduleCreated,
        work=Write(single(schedule_revenue, structural=False), _command, _created),
    ),
    Operation(
        method="GET",
        path=OF_CHARGE,
        id="GET_RSforSubscCharge",
        tag=TAG,
        summary="List the revenue schedules of a subscription charge",
        parameters=page_parameters(PAGE_SIZE),
        answer=ScheduleList,
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path=f"{PATH}/product-charges/{{charge-key}}/{{account-key}}",
        id="GET_RSbyProductChargeAndBillingAccount",
        tag=TAG,
        summary="List the revenue schedules of a product charge and an account",
        parameters=page_parameters(PAGE_SIZE),
        answer=ProductScheduleList,
        work=Read(_list_of_product),
    ),
    Operation(
        method="GET",
        path=ONE,
        id="GET_RS",
        tag=TAG,
        summary="Retrieve a revenue schedule",
        answer=ScheduleAnswer,
        work=Read(_get),
    ),
    Operation(
        method="DELETE",
        path=ONE,
        id="DELETE_RS",
        tag=TAG,
        summary="Delete a revenue schedule that was made by hand",
        answer=V1Answer,
        work=Write(single(delete_schedule, structural=False), _number, done),
    ),
    Operation(
        method="PUT",
        path=f"{ONE}/basic-information",
        id="PUT_RSBasicInfo",
        tag=TAG,
        summary="Update the basic information of a revenue schedule",
        resource=RESOURCE,
        body=ChangedRevenueSchedule,
        strict=False,
        answer=V1Answer,
        work=Write(single(change_schedule, structural=False), _changed, done),
    ),
)
