"""Accounting periods: `/v1/accounting-periods` (R 5)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import Field

from earned.domain.accounting import AccountingPeriod
from earned.domain.period_rules import start_of_open_ended
from earned.domain.periods import defined, open_ended
from earned.domain.stamps import printed, v1_stamps
from earned.http.answers import V1Answer
from earned.http.done import created, done
from earned.http.operation import Call, Operation, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.validation import V1Request, WireDay, custom_fields
from earned.services.change_period import ChangePeriod, change_period, delete_period
from earned.services.close_period import close_period, run_trial_balance, set_pending_close
from earned.services.create_period import CreatePeriod, create_period
from earned.services.find import row_by_id
from earned.services.ports import Books
from earned.services.reopen_period import reopen_period
from earned.services.work import UseCase, single

RESOURCE = 508000
PATH = "/v1/accounting-periods"
ONE = f"{PATH}/{{ap-id}}"
# A list without `pageSize` is whole up to this many rows (R 8.9).
WHOLE = 300

Name = Annotated[str, Field(min_length=1, max_length=100)]
Notes = Annotated[str, Field(max_length=255)]
Year = Annotated[int, Field(ge=1000, le=9999)]
Quarter = Annotated[int, Field(ge=1, le=4)]

_FILES = (
    *("accountsReceivableAccountAgingDetail", "accountsReceivableInvoiceAgingDetail"),
    *("accountsReceivableDebitMemoAgingDetail", "arRollForwardDetail"),
    *("fxRealizedGainAndLossDetail", "fxUnrealizedGainAndLossDetail"),
)
# Exports that a trial balance would make. None is made, so none has an id.
NO_FILES: Mapping[str, object] = {
    **{f"{name}ExportFileId": None for name in _FILES},
    "revenueDetailCsvFileId": None,
    "revenueDetailExcelFileId": None,
    "unprocessedChargesFileId": None,
}


class OrganizationLabel(V1Request):
    """An organisation that a period is of. It is kept and answered; periods are the entity's."""

    organization_id: str | None = None
    organization_name: str | None = None
    cascading_down: bool | None = None
    excluded: bool | None = None


class NewPeriod(V1Request):
    """A period of days, both dates in it. Older clients send the fiscal year as a string."""

    name: Name
    start_date: WireDay
    end_date: WireDay
    fiscal_year: Year
    fiscal_quarter: Quarter | None = None
    notes: Notes | None = None
    organization_labels: list[OrganizationLabel] | None = None


class ChangedPeriod(V1Request):
    """What becomes of a period; what is not named stays."""

    name: Name = ""
    start_date: WireDay = date.min
    end_date: WireDay = date.max
    fiscal_year: Year = 1000
    fiscal_quarter: Quarter | None = None
    notes: Notes | None = None


class PeriodCreated(V1Answer):
    """Which period was created."""

    id: str


def _new(call: Call) -> CreatePeriod:
    body: NewPeriod = call.body
    labels = body.organization_labels or ()
    return CreatePeriod(
        **body.model_dump(exclude={"organization_labels"}),
        organization_labels=[one.model_dump(by_alias=True, exclude_unset=True) for one in labels],
        custom_fields=custom_fields(call.payload),
    )


def _changed(call: Call) -> ChangePeriod:
    body: ChangedPeriod = call.body
    return ChangePeriod(
        id=_id(call),
        changes=body.model_dump(exclude_unset=True),
        custom_fields=custom_fields(call.payload),
    )


def _id(call: Call) -> str:
    return call.path["ap-id"]


def _get(books: Books, call: Call) -> Mapping[str, object]:
    period = row_by_id(books.periods, _id(call))
    return {**_shown(books, period, start_of_open_ended(books.periods.list())), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    """All periods by date; Open-Ended is one of them, the last."""
    page, periods = page_of(call, WHOLE, WHOLE), books.periods.list()
    rows = [*defined(periods), open_ended(periods)][page.offset : page.offset + page.limit]
    rest = start_of_open_ended(periods)
    return answer_page(
        call, page, "accountingPeriods", rows, lambda period: _shown(books, period, rest)
    )


def _shown(books: Books, period: AccountingPeriod, rest: date | None) -> Mapping[str, object]:
    """Return a period as it is answered; Open-Ended starts where the `rest` of time does."""
    zone = books.settings.zone
    started, ended = period.trial_balance_start, period.trial_balance_end
    return {
        "id": period.id,
        "name": period.name,
        "startDate": rest if period.is_open_ended else period.start_date,
        "endDate": period.end_date,
        "fiscalYear": period.fiscal_year or 0,
        "fiscalQuarter": period.fiscal_quarter,
        "notes": period.notes,
        "status": period.status,
        "runTrialBalanceStatus": _trial_balance_status(period),
        "runTrialBalanceStart": started and printed(started, zone),
        "runTrialBalanceEnd": ended and printed(ended, zone),
        "runTrialBalanceErrorMessage": None,
        "fileIds": NO_FILES,
        "organizationLabels": period.organization_labels,
        **v1_stamps(period, zone),
        **period.custom_fields,
    }


def _trial_balance_status(period: AccountingPeriod) -> str:
    if period.is_balancing:
        return "Processing"
    return "Completed" if period.trial_balance_end else "Pending"


def _action(
    name: str, operation: str, summary: str, use_case: UseCase[str, AccountingPeriod]
) -> Operation:
    """Return an operation that is all in its path: the official client sends no body."""
    return Operation(
        method="PUT",
        path=f"{ONE}/{name}",
        id=operation,
        tag="Accounting periods",
        summary=summary,
        answer=V1Answer,
        work=Write(use_case, _id, done),
    )


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="createAccountingPeriod",
        tag="Accounting periods",
        summary="Create an accounting period",
        resource=RESOURCE,
        body=NewPeriod,
        answer=PeriodCreated,
        work=Write(single(create_period), _new, created),
    ),
    Operation(
        method="GET",
        path=PATH,
        id="getAllAccountingPeriods",
        tag="Accounting periods",
        summary="List all accounting periods, by date",
        parameters=page_parameters(WHOLE, WHOLE),
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path=ONE,
        id="getAccountingPeriod",
        tag="Accounting periods",
        summary="Retrieve an accounting period",
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=ONE,
        id="updateAccountingPeriod",
        tag="Accounting periods",
        summary="Update an accounting period",
        resource=RESOURCE,
        body=ChangedPeriod,
        answer=V1Answer,
        work=Write(single(change_period), _changed, done),
    ),
    Operation(
        method="DELETE",
        path=ONE,
        id="deleteAccountingPeriod",
        tag="Accounting periods",
        summary="Delete an accounting period",
        answer=V1Answer,
        work=Write(single(delete_period), _id, done),
    ),
    _action(
        "pending-close",
        "pendingCloseAccountingPeriod",
        "Set an accounting period to pending close",
        single(set_pending_close),
    ),
    _action(
        "close",
        "closeAccountingPeriod",
        "Close an accounting period",
        single(close_period),
    ),
    _action(
        "reopen",
        "reopenAccountingPeriod",
        "Reopen an accounting period",
        single(reopen_period),
    ),
    _action(
        "run-trial-balance",
        "runTrialBalance",
        "Run the trial balance of an accounting period",
        single(run_trial_balance),
    ),
)
