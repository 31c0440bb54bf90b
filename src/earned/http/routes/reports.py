"""Reports on revenue: `/v1/reports/...`. Not of Zuora's API, in its v1 style (R 10.4)."""

from collections.abc import Mapping

from earned.domain import (
    obligations,
    receivables,
    recognized,
    roll_forward,
    usage_to_revenue,
    waterfall,
)
from earned.domain.obligations import YearBy
from earned.domain.report_fields import row_fields
from earned.domain.report_text import to_csv
from earned.domain.reporting import Window
from earned.http.operation import Call, Download, Operation, Parameter, Read
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.parameters import choice_of
from earned.http.report_answers import ReportAnswer
from earned.services.ports import Books
from earned.services.report import ReportQuery, make_report

PATH = "/v1/reports"
TAG = "Reports"
PAGE_SIZE, PAGE_SIZE_MAX = 300, 1000
CSV = "text/csv"

_FORMATS = ("json", "csv")
_MOMENT = (
    "an instant, a day (its end), or the name of an accounting period (when it was last closed)"
)
EVERY = (
    Parameter("asOf", f"Report what was known at a moment: {_MOMENT}. All that is known if unset."),
    Parameter("compareTo", f"Set the report beside what it said at another moment: {_MOMENT}."),
    Parameter("accountKey", "Only what belongs to the account with this id or number."),
    Parameter(
        "format",
        "`csv` answers a file with all rows; JSON comes in pages.",
        {"type": "string", "enum": [*_FORMATS], "default": "json"},
    ),
    *page_parameters(PAGE_SIZE, PAGE_SIZE_MAX),
)
RANGE = (
    Parameter("from", "The name of the first accounting period; the earliest if unset."),
    Parameter("to", "The name of the last one; the last that is defined if unset."),
)
YEAR = Parameter(
    "yearBy",
    "Whether the year is the fiscal year of the period or the calendar year of its last day.",
    {"type": "string", "enum": [*YearBy], "default": YearBy.FISCAL.value},
)


def _query(name: str, call: Call, window: Window | None) -> ReportQuery:
    return ReportQuery(
        name=name,
        as_of=call.first("asOf") or None,
        compare_to=call.first("compareTo") or None,
        first=call.first("from") or None,
        last=call.first("to") or None,
        account_key=call.first("accountKey") or None,
        year_by=YearBy(choice_of(call, "yearBy", tuple(YearBy))),
        window=window,
    )


def _report(name: str, books: Books, call: Call) -> Mapping[str, object] | Download:
    form = choice_of(call, "format", _FORMATS)
    page = page_of(call, PAGE_SIZE, PAGE_SIZE_MAX)
    window = Window(page.offset, page.limit)
    reported = make_report(books, _query(name, call, None if form == "csv" else window))
    report = reported.report
    if form == "csv":
        return Download(to_csv(report), CSV, f"{name}.csv")
    rows = report.window(window)
    return {
        **reported.heading(books.settings.zone),
        **answer_page(call, page, "rows", rows, lambda row: row_fields(report, row)),
        "totals": [row_fields(report, row) for row in report.totals],
    }


def _operation(name: str, summary: str, *parameters: Parameter) -> Operation:
    return Operation(
        method="GET",
        path=f"{PATH}/{name}",
        id=f"get{name.title().replace('-', '')}Report",
        tag=TAG,
        summary=summary,
        parameters=(*parameters, *EVERY),
        answer=ReportAnswer,
        file_type=CSV,
        work=Read(lambda books, call: _report(name, books, call)),
    )


OPERATIONS = (
    _operation(
        roll_forward.NAME,
        "Roll deferred revenue forward, by currency, accounting code and accounting period",
        *RANGE,
    ),
    _operation(waterfall.NAME, "Show what each contract holds in each accounting period"),
    _operation(
        obligations.NAME, "Show remaining performance obligations by currency and year", YEAR
    ),
    _operation(
        recognized.NAME,
        "Show recognized revenue by accounting period, accounting code and customer",
        *RANGE,
    ),
    _operation(
        receivables.NAME,
        "Roll receivables forward, by currency and accounting period",
        *RANGE,
    ),
    _operation(
        usage_to_revenue.NAME, "Reconcile usage with revenue, and give a reason for each difference"
    ),
)
