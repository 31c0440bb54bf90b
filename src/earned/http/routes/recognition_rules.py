"""Recognition rules: `/v1/settings/finance/revenue-recognition-rules` (R 3.1).

Zuora has them in its user interface only; path and fields are ours, in the words of its pages.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from earned.domain.recognition_rule import (
    DESCRIPTION_LENGTH_MAX,
    RULE_NAME_LENGTH_MAX,
    RULES_MAX,
    RecognitionRule,
)
from earned.domain.rule_options import TermDate
from earned.domain.stamps import v1_stamps
from earned.http.answers import V1Answer
from earned.http.done import created, done
from earned.http.operation import Call, Operation, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.validation import V1Request, WireInt, custom_fields
from earned.services.change_recognition_rule import (
    ChangeRecognitionRule,
    activate_recognition_rule,
    change_recognition_rule,
    deactivate_recognition_rule,
    delete_recognition_rule,
)
from earned.services.create_recognition_rule import (
    CreateRecognitionRule,
    create_recognition_rule,
)
from earned.services.find import row_by_id
from earned.services.ports import Books
from earned.services.work import UseCase, single

RESOURCE = 506400
PATH = "/v1/settings/finance/revenue-recognition-rules"
ONE = f"{PATH}/{{rule-id}}"
TAG = "Revenue recognition rules"

Name = Annotated[str, Field(min_length=1, max_length=RULE_NAME_LENGTH_MAX, pattern=r"\S")]
Description = Annotated[str, Field(max_length=DESCRIPTION_LENGTH_MAX)]


class DateOfTerm(V1Request):
    """A date of what is billed, or so many days, months or years after it."""

    date_field: str
    after: WireInt = 0
    unit: str = "Days"


class RuleOptions(V1Request):
    """The options of a rule; which of them a model has stands in the documents."""

    description: Description | None = None
    recognition_start: DateOfTerm | None = None
    recognition_end: DateOfTerm | None = None
    distribution_type: str | None = None
    rounding: str | None = None
    transaction_date: str | None = None
    closed_periods: str | None = None


class NewRule(RuleOptions):
    """A rule of a model. Choices are accepted in any case of letters."""

    name: Name
    recognition_model: str
    active: bool = True


class ChangedRule(RuleOptions):
    """What becomes of a rule; what is not named stays, null is the default of its model."""

    name: Name = ""


class RuleCreated(V1Answer):
    """Which rule was created."""

    id: str


def _new(call: Call) -> CreateRecognitionRule:
    body: NewRule = call.body
    said = _said(body)
    return CreateRecognitionRule(
        name=said.pop("name"),
        model=body.recognition_model,
        description=said.pop("description", None),
        active=body.active,
        options=said,
        custom_fields=custom_fields(call.payload),
    )


def _changed(call: Call) -> ChangeRecognitionRule:
    return ChangeRecognitionRule(
        id=_id(call), changes=_said(call.body), custom_fields=custom_fields(call.payload)
    )


def _said(body: RuleOptions) -> dict[str, Any]:
    """Return what was sent, by the names of the command."""
    said = {name: getattr(body, name) for name in body.model_fields_set}
    for which in ("start", "end"):
        name = f"recognition_{which}"
        if name in said:
            day: DateOfTerm | None = said.pop(name)
            said[which] = day and TermDate(**day.model_dump())
    return said


def _id(call: Call) -> str:
    return call.path["rule-id"]


def _get(books: Books, call: Call) -> Mapping[str, object]:
    rule = row_by_id(books.recognition_rules, _id(call))
    return {**_shown(rule, books.settings.zone), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    page, zone = page_of(call, RULES_MAX, RULES_MAX), books.settings.zone
    rules = books.recognition_rules.list(order_by=["name"], limit=page.limit, offset=page.offset)
    return answer_page(
        call, page, "revenueRecognitionRules", rules, lambda rule: _shown(rule, zone)
    )


def _shown(rule: RecognitionRule, zone: ZoneInfo) -> Mapping[str, object]:
    return {
        "id": rule.id,
        "name": rule.name,
        "recognitionModel": rule.model,
        "description": rule.description,
        "active": rule.active,
        "preconfigured": rule.is_preconfigured,
        "recognitionStart": _shown_date(rule.start_field, rule.start_after, rule.start_unit),
        "recognitionEnd": _shown_date(rule.end_field, rule.end_after, rule.end_unit),
        "distributionType": rule.distribution_type,
        "rounding": rule.rounding,
        "transactionDate": rule.transaction_date,
        "closedPeriods": rule.closed_periods,
        **v1_stamps(rule, zone),
        **rule.custom_fields,
    }


def _shown_date(name: str | None, after: int | None, unit: str | None) -> object:
    return None if name is None else {"dateField": name, "after": after, "unit": unit}


def _action(name: str, summary: str, use_case: UseCase[str, RecognitionRule]) -> Operation:
    """Return an operation that is all in its path."""
    return Operation(
        method="PUT",
        path=f"{ONE}/{name}",
        id=f"{name}RevenueRecognitionRule",
        tag=TAG,
        summary=summary,
        answer=V1Answer,
        work=Write(use_case, _id, done),
    )


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="createRevenueRecognitionRule",
        tag=TAG,
        summary="Create a revenue recognition rule",
        resource=RESOURCE,
        body=NewRule,
        answer=RuleCreated,
        work=Write(single(create_recognition_rule), _new, created),
    ),
    Operation(
        method="GET",
        path=PATH,
        id="listRevenueRecognitionRules",
        tag=TAG,
        summary="List all revenue recognition rules, by name",
        parameters=page_parameters(RULES_MAX, RULES_MAX),
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path=ONE,
        id="getRevenueRecognitionRule",
        tag=TAG,
        summary="Retrieve a revenue recognition rule",
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=ONE,
        id="updateRevenueRecognitionRule",
        tag=TAG,
        summary="Update a revenue recognition rule",
        resource=RESOURCE,
        body=ChangedRule,
        answer=V1Answer,
        work=Write(single(change_recognition_rule), _changed, done),
    ),
    _action("activate", "Activate a revenue recognition rule", single(activate_recognition_rule)),
    _action(
        "deactivate", "Deactivate a revenue recognition rule", single(deactivate_recognition_rule)
    ),
    Operation(
        method="DELETE",
        path=ONE,
        id="deleteRevenueRecognitionRule",
        tag=TAG,
        summary="Delete a revenue recognition rule",
        answer=V1Answer,
        work=Write(single(delete_recognition_rule), _id, done),
    ),
)
