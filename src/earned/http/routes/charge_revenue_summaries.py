"""Charge revenue summaries: `/v1/charge-revenue-summaries`."""

from collections.abc import Mapping

from earned.http.operation import Call, Operation, Read
from earned.http.schedule_answers import present_summary
from earned.http.schedule_models import SummaryAnswer
from earned.services.ports import Books
from earned.services.read_summaries import read_summary, summary_of_charge

PATH = "/v1/charge-revenue-summaries"
TAG = "Charge revenue summaries"


def _get(books: Books, call: Call) -> Mapping[str, object]:
    return {**present_summary(read_summary(books, call.path["crs-number"])), "success": True}


def _get_of_charge(books: Books, call: Call) -> Mapping[str, object]:
    return {**present_summary(summary_of_charge(books, call.path["charge-key"])), "success": True}


OPERATIONS = (
    Operation(
        method="GET",
        path=f"{PATH}/subscription-charges/{{charge-key}}",
        id="GET_CRSByChargeID",
        tag=TAG,
        summary="Retrieve the charge revenue summary of a subscription charge",
        answer=SummaryAnswer,
        work=Read(_get_of_charge),
    ),
    Operation(
        method="GET",
        path=f"{PATH}/{{crs-number}}",
        id="GET_CRSByCRSNumber",
        tag=TAG,
        summary="Retrieve a charge revenue summary",
        answer=SummaryAnswer,
        work=Read(_get),
    ),
)
