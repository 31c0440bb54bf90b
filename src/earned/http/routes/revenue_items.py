"""Revenue items of schedules, of events and of charges: `/v1/revenue-items`."""

from collections.abc import Mapping, Sequence
from typing import Any

from earned.domain.errors import Invalid
from earned.http.answers import V1Answer
from earned.http.done import done
from earned.http.operation import Call, Operation, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.schedule_answers import present_event_items, present_item, present_summary_items
from earned.http.schedule_models import ItemList, SummaryItemList
from earned.http.validation import V1Request, custom_fields
from earned.services.change_schedule import (
    ChangeItems,
    NamedItem,
    change_event_items,
    change_schedule_items,
)
from earned.services.ports import Books
from earned.services.read_schedules import read_distribution, read_schedule
from earned.services.read_summaries import read_summary
from earned.services.work import single

RESOURCE = 506100
PAGE_SIZE = 300
PATH = "/v1/revenue-items"
OF_SCHEDULE = f"{PATH}/revenue-schedules/{{rs-number}}"
OF_EVENT = f"{PATH}/revenue-events/{{event-number}}"
TAG = "Revenue items"


class ItemOfPeriod(V1Request):
    """A revenue item, by the name of its period, with custom fields."""

    accounting_period_name: str


class ChangedItems(V1Request):
    """Custom fields of revenue items, at least one. Amounts do not change here."""

    revenue_items: list[ItemOfPeriod]


def _items(call: Call) -> Sequence[NamedItem] | None:
    sent = call.payload.get("revenueItems")
    if sent is None:
        return None
    if not isinstance(sent, list):
        raise Invalid("'revenueItems' value is invalid", field="revenueItems")
    return [_item(item, f"revenueItems.{place}") for place, item in enumerate(sent)]


def _item(sent: object, field: str) -> NamedItem:
    if not isinstance(sent, Mapping):
        raise Invalid(f"'{field}' value is invalid", field=field)
    return NamedItem(sent.get("accountingPeriodName"), custom_fields(sent))


def _of_schedule(call: Call) -> ChangeItems:
    return ChangeItems(number=call.path["rs-number"], items=_items(call))


def _of_event(call: Call) -> ChangeItems:
    return ChangeItems(number=call.path["event-number"], items=_items(call))


def _list_of_schedule(books: Books, call: Call) -> Mapping[str, object]:
    view = read_schedule(books, call.path["rs-number"])
    return _page(call, [present_item(view, item) for item in view.items])


def _list_of_event(books: Books, call: Call) -> Mapping[str, object]:
    return _page(call, present_event_items(read_distribution(books, call.path["event-number"])))


def _list_of_summary(books: Books, call: Call) -> Mapping[str, object]:
    return _page(call, present_summary_items(read_summary(books, call.path["crs-number"])))


def _page(call: Call, items: Sequence[Mapping[str, Any]]) -> Mapping[str, object]:
    """Answer a page of items, of which there are never many."""
    page = page_of(call, PAGE_SIZE, PAGE_SIZE)
    rows = items[page.offset : page.offset + page.limit]
    return answer_page(call, page, "revenueItems", rows, lambda item: item)


OPERATIONS = (
    Operation(
        method="GET",
        path=OF_SCHEDULE,
        id="GET_RevenueItemsByRevenueSchedule",
        tag=TAG,
        summary="List the revenue items of a revenue schedule",
        parameters=page_parameters(PAGE_SIZE, PAGE_SIZE),
        answer=ItemList,
        work=Read(_list_of_schedule),
    ),
    Operation(
        method="PUT",
        path=OF_SCHEDULE,
        id="PUT_CustomFieldsonRevenueItemsByRevenueSchedule",
        tag=TAG,
        summary="Update custom fields of revenue items of a revenue schedule",
        resource=RESOURCE,
        body=ChangedItems,
        strict=False,
        answer=V1Answer,
        work=Write(single(change_schedule_items, structural=False), _of_schedule, done),
    ),
    Operation(
        method="GET",
        path=OF_EVENT,
        id="GET_RevenueItemsByChargeRevenueEventNumber",
        tag=TAG,
        summary="List the revenue items of a revenue event",
        parameters=page_parameters(PAGE_SIZE, PAGE_SIZE),
        answer=SummaryItemList,
        work=Read(_list_of_event),
    ),
    Operation(
        method="PUT",
        path=OF_EVENT,
        id="PUT_CustomFieldsonRevenueItemsByRevenueEvent",
        tag=TAG,
        summary="Update custom fields of revenue items of a revenue event",
        resource=RESOURCE,
        body=ChangedItems,
        strict=False,
        answer=V1Answer,
        work=Write(single(change_event_items, structural=False), _of_event, done),
    ),
    Operation(
        method="GET",
        path=f"{PATH}/charge-revenue-summaries/{{crs-number}}",
        id="GET_RevenueItemsByChargeRevenueSummaryNumber",
        tag=TAG,
        summary="List the revenue items of a charge revenue summary",
        parameters=page_parameters(PAGE_SIZE, PAGE_SIZE),
        answer=SummaryItemList,
        work=Read(_list_of_summary),
    ),
)
