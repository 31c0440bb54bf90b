"""Which recognition rule charges have, and from when on billing makes schedules (R 2.8).

`/v1/revenue-recognition-rules`, `/v1/settings/finance/revenue-automation-start-date`. Zuora sets
the date in its user interface only; setting it by a PUT on the same path is ours.
"""

from collections.abc import Mapping
from datetime import date

from earned.domain.charge import ChargeTerms
from earned.domain.stamps import printed
from earned.http.answers import V1Answer
from earned.http.done import done
from earned.http.operation import Call, Operation, Read, Write
from earned.http.validation import V1Request, WireDay
from earned.services.automate_revenue import AutomateRevenue, automate_revenue
from earned.services.find import charge_by_key, product_charge_by_key
from earned.services.ports import Books
from earned.services.work import single

RESOURCE = 506400
RULES = "/v1/revenue-recognition-rules"
START_DATE = "/v1/settings/finance/revenue-automation-start-date"
TAG = "Revenue recognition rules"


class RuleOfCharge(V1Answer):
    """The rule of a charge, null where it has none."""

    revenue_recognition_rule_name: str | None


class NewStartDate(V1Request):
    """From which day on; the first of an accounting period."""

    start_date: WireDay


class StartDate(V1Answer):
    """From which day on, and who set it when; all null where nobody did."""

    start_date: date | None
    updated_by: str | None
    updated_on: str | None


def _of_subscription(books: Books, call: Call) -> Mapping[str, object]:
    return _rule(charge_by_key(books, call.path["charge-key"]))


def _of_product(books: Books, call: Call) -> Mapping[str, object]:
    return _rule(product_charge_by_key(books, call.path["charge-key"]))


def _rule(charge: ChargeTerms) -> Mapping[str, object]:
    return {
        "revenueRecognitionRuleName": charge.revenue_recognition_rule_name,
        "success": True,
    }


def _get_start_date(books: Books, call: Call) -> Mapping[str, object]:
    del call
    known = books.revenue_automation.find()
    return {
        "startDate": known and known.start_date,
        "updatedBy": known and known.updated_by,
        "updatedOn": known and printed(known.updated_at, books.settings.zone),
        "success": True,
    }


def _new_start_date(call: Call) -> AutomateRevenue:
    body: NewStartDate = call.body
    return AutomateRevenue(start_date=body.start_date)


OPERATIONS = (
    Operation(
        method="GET",
        path=f"{RULES}/subscription-charges/{{charge-key}}",
        id="GET_RevenueRecRules",
        tag=TAG,
        summary="Retrieve the revenue recognition rule of a subscription charge",
        answer=RuleOfCharge,
        work=Read(_of_subscription),
    ),
    Operation(
        method="GET",
        path=f"{RULES}/product-charges/{{charge-key}}",
        id="GET_RevenueRecRulebyProductRatePlanCharge",
        tag=TAG,
        summary="Retrieve the revenue recognition rule of a product rate plan charge",
        answer=RuleOfCharge,
        work=Read(_of_product),
    ),
    Operation(
        method="GET",
        path=START_DATE,
        id="GET_RevenueAutomationStartDate",
        tag=TAG,
        summary="Retrieve the revenue automation start date",
        answer=StartDate,
        work=Read(_get_start_date),
    ),
    Operation(
        method="PUT",
        path=START_DATE,
        id="PUT_RevenueAutomationStartDate",
        tag=TAG,
        summary="Set the revenue automation start date",
        resource=RESOURCE,
        body=NewStartDate,
        answer=V1Answer,
        work=Write(single(automate_revenue), _new_start_date, done),
    ),
)
