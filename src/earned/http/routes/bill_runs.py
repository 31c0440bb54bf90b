"""Bill runs: `/v1/bill-runs`. One for few accounts is done before the answer is sent."""

from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from earned.domain.bill_run import BillRun, BillRunStatus
from earned.domain.errors import Invalid
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.validation import V1Request, WireDay
from earned.services.create_bill_run import CreateBillRun, RunFilter, create_bill_run
from earned.services.end_bill_run import (
    NamedBillRun,
    bill_run_by_key,
    bill_runs,
    cancel_bill_run,
    delete_bill_run,
    post_bill_run,
)
from earned.services.ports import Books
from earned.services.show_bill_run import wire_bill_run
from earned.services.work import single

RESOURCE = 509400
PATH = "/v1/bill-runs"
ONE = f"{PATH}/{{bill-run-key}}"
TAG = "Bill Run"
PAGE_SIZE = 20

Text = Annotated[str, Field(max_length=255)]


class NewRunFilter(V1Request):
    """One account, or one subscription; ids or numbers. All of a run are of one type."""

    filter_type: Text | None = None
    account_id: Text | None = None
    subscription_id: Text | None = None


class NewBillRun(V1Request):
    """Whom to bill: everybody (`batches: ["AllBatches"]`), or those that filters name."""

    name: Text | None = None
    target_date: WireDay | None = None
    invoice_date: WireDay | None = None
    auto_post: bool | None = None
    auto_renewal: bool | None = None
    batches: Annotated[list[Text], Field(max_length=300)] | None = None
    bill_cycle_day: Text | None = None
    bill_run_filters: Annotated[list[NewRunFilter], Field(max_length=1000)] | None = None
    charge_type_to_exclude: Annotated[list[Text], Field(max_length=3)] | None = None
    schedule: dict[str, Any] | None = None


class PostedOn(V1Request):
    """The date that the documents are to have when they are posted, if not their own."""

    invoice_date: WireDay | None = None


class RunError(BaseModel):
    """An account that was not billed, and why."""

    model_config = ConfigDict(alias_generator=to_camel)

    account_id: str | None = None
    account_number: str | None = None
    message: str


class BillRunAnswer(V1Answer):
    """A bill run. `errors` and `documentCount` are ours."""

    id: str
    bill_run_number: str
    name: str | None
    status: BillRunStatus
    target_date: date
    invoice_date: date
    auto_post: bool
    auto_renewal: bool
    errors: list[RunError]
    document_count: int


class BillRunList(V1Answer):
    """Bill runs, the latest first."""

    bill_runs: list[dict[str, Any]]


def _new(call: Call) -> CreateBillRun:
    body: NewBillRun = call.body
    if body.schedule is not None:
        message = "'schedule' is not supported: have the run created on its day"
        raise Invalid(message, field="schedule")
    return CreateBillRun(
        target_date=body.target_date,
        invoice_date=body.invoice_date,
        name=body.name,
        auto_post=bool(body.auto_post),
        auto_renewal=bool(body.auto_renewal),
        excluded=body.charge_type_to_exclude,
        batches=body.batches,
        bill_cycle_day=body.bill_cycle_day,
        filters=[
            RunFilter(
                type=one.filter_type,
                account_id=one.account_id,
                subscription_id=one.subscription_id,
            )
            for one in body.bill_run_filters or ()
        ],
    )


def _named(call: Call) -> NamedBillRun:
    return NamedBillRun(key=call.path["bill-run-key"])


def _posted(call: Call) -> NamedBillRun:
    body: PostedOn | None = call.body
    day = body.invoice_date if body else None
    return NamedBillRun(key=call.path["bill-run-key"], invoice_date=day)


def _answer(books: Books, run: BillRun) -> Mapping[str, object]:
    return {**wire_bill_run(run, books.settings.zone), "success": True}


def _create(books: Books, command: CreateBillRun) -> Mapping[str, object]:
    return _answer(books, create_bill_run(books, command))


def _post(books: Books, command: NamedBillRun) -> Mapping[str, object]:
    return _answer(books, post_bill_run(books, command))


def _cancel(books: Books, command: NamedBillRun) -> Mapping[str, object]:
    return _answer(books, cancel_bill_run(books, command))


def _done(call: Call, answer: Mapping[str, object]) -> Mapping[str, object]:
    del call
    return answer


def _deleted(call: Call, run: BillRun) -> Mapping[str, object]:
    del call
    return {"id": run.id, "success": True}


def _get(books: Books, call: Call) -> Mapping[str, object]:
    return _answer(books, bill_run_by_key(books, call.path["bill-run-key"]))


def _list(books: Books, call: Call) -> Mapping[str, object]:
    page, zone = page_of(call, PAGE_SIZE), books.settings.zone
    found = list(islice(bill_runs(books), page.offset, page.offset + page.limit))
    return answer_page(call, page, "billRuns", found, lambda run: wire_bill_run(run, zone))


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="createBillRun",
        tag=TAG,
        summary="Create a bill run",
        resource=RESOURCE,
        body=NewBillRun,
        answer=BillRunAnswer,
        work=Write(single(_create), _new, _done),
        leaves_work=True,
    ),
    Operation(
        method="GET",
        path=PATH,
        id="listBillRuns",
        tag=TAG,
        summary="List bill runs",
        parameters=page_parameters(PAGE_SIZE),
        answer=BillRunList,
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path=ONE,
        id="getBillRun",
        tag=TAG,
        summary="Retrieve a bill run",
        answer=BillRunAnswer,
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=f"{ONE}/post",
        id="postBillRun",
        tag=TAG,
        summary="Post a bill run",
        resource=RESOURCE,
        body=PostedOn,
        body_required=False,
        answer=BillRunAnswer,
        work=Write(single(_post), _posted, _done),
    ),
    Operation(
        method="PUT",
        path=f"{ONE}/cancel",
        id="cancelBillRun",
        tag=TAG,
        summary="Cancel a bill run",
        answer=BillRunAnswer,
        work=Write(single(_cancel), _named, _done),
    ),
    Operation(
        method="DELETE",
        path=ONE,
        id="deleteBillRun",
        tag=TAG,
        summary="Delete a bill run that is canceled or made nothing",
        answer=V1Answer,
        work=Write(single(delete_bill_run), _named, _deleted),
    ),
)
