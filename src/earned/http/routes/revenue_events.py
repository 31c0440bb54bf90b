"""Revenue events, the changes of revenue schedules: `/v1/revenue-events`."""

from collections.abc import Mapping

from earned.http.operation import Call, Operation, Read
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.schedule_answers import present_event
from earned.http.schedule_models import EventAnswer, EventList
from earned.services.ports import Books
from earned.services.read_schedules import distributions_of_schedule, read_distribution

PAGE_SIZE = 8
TAG = "Revenue events"


def _get(books: Books, call: Call) -> Mapping[str, object]:
    view = read_distribution(books, call.path["event-number"])
    return {**present_event(view, books.settings.zone), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    page, zone = page_of(call, PAGE_SIZE), books.settings.zone
    found = distributions_of_schedule(books, call.path["rs-number"], page.limit, page.offset)
    return answer_page(
        call, page, "revenueEventDetails", found, lambda view: present_event(view, zone)
    )


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/revenue-events/revenue-schedules/{rs-number}",
        id="GET_RevenueEventForRevenueSchedule",
        tag=TAG,
        summary="List the revenue events of a revenue schedule",
        parameters=page_parameters(PAGE_SIZE),
        answer=EventList,
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path="/v1/revenue-events/{event-number}",
        id="GET_RevenueEventDetails",
        tag=TAG,
        summary="Retrieve a revenue event",
        answer=EventAnswer,
        work=Read(_get),
    ),
)
