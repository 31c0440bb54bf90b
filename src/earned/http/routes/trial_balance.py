"""The trial balance of a period: `/v1/reports/trial-balance`. Not of Zuora's API (R 6.1)."""

from collections.abc import Mapping
from datetime import date as day

from pydantic import BaseModel

from earned.domain.report_fields import row_fields
from earned.domain.report_text import to_csv
from earned.domain.trial_balance import NAME
from earned.http.operation import Call, Download, Operation, Parameter, Read
from earned.http.parameters import choice_of
from earned.http.report_answers import ReportAnswer, RowAnswer
from earned.services.ports import Books
from earned.services.read_trial_balance import balance_fields, beside, read_trial_balance
from earned.services.report import ReportQuery, make_report

CSV = "text/csv"

_FORMATS = ("json", "csv")
_MOMENT = "an instant, a day (its end), or the name of a period (when it was last closed)"


class ActionAnswer(BaseModel):
    """A document that was a draft: it had to be posted or deleted before the period could close."""

    document: str
    number: str
    date: day


class TrialBalanceAnswer(ReportAnswer):
    """A trial balance. A credit balance is negative; debits and credits add up to the same.

    Receivables are rolled forward by currency, and required action items are listed, both as they
    were known when the trial balance was run.
    """

    accounting_period_name: str
    run_on: str
    run_by: str
    is_frozen: bool
    receivables: list[RowAnswer]
    required_actions: list[ActionAnswer]


def _get(books: Books, call: Call) -> Mapping[str, object] | Download:
    form = choice_of(call, "format", _FORMATS)
    name = call.first("accountingPeriodName")
    moments = (call.first("asOf") or None, call.first("compareTo") or None)
    query = ReportQuery(name=NAME, first=name, last=name, as_of=moments[0], compare_to=moments[1])
    reported = make_report(books, query)
    report = reported.report
    if form == "csv":
        return Download(to_csv(report), CSV, f"{NAME}.csv")
    zone, view = books.settings.zone, read_trial_balance(books, name, reported.at)
    return {
        **reported.heading(zone),
        **balance_fields(view, beside(books, view), zone),
        "rows": [row_fields(report, row) for row in report.rows],
        "totals": [row_fields(report, row) for row in report.totals],
        "success": True,
    }


OPERATIONS = (
    Operation(
        method="GET",
        path=f"/v1/reports/{NAME}",
        id="getTrialBalanceReport",
        tag="Reports",
        summary="Show the trial balance of an accounting period as it was run",
        parameters=(
            Parameter("accountingPeriodName", "The name of the period.", required=True),
            Parameter("asOf", f"The last one that was run by a moment: {_MOMENT}."),
            Parameter("compareTo", f"Set it beside the last one by another moment: {_MOMENT}."),
            Parameter(
                "format",
                "`csv` answers a file.",
                {"type": "string", "enum": [*_FORMATS], "default": _FORMATS[0]},
            ),
        ),
        answer=TrialBalanceAnswer,
        file_type=CSV,
        work=Read(_get),
    ),
)
