"""The Settings API, as far as there is something to decide: `/settings` (R 5)."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field

from earned.domain.accounting_rules import ACCOUNTING_RULES, BILLING_RULES, RULE_SETS, RuleSet
from earned.domain.errors import EarnedError, LimitExceeded
from earned.http.dialect import KINDS
from earned.http.operation import Call, Operation, Read, Write
from earned.http.validation import V1Request
from earned.services.change_accounting_rules import (
    ChangeRules,
    Rules,
    SettingsOutcome,
    SettingsRequest,
    change_rules,
    change_settings_together,
)
from earned.services.ports import Books
from earned.services.work import single

RESOURCE = 513000
ROOT = "/settings"
BATCH_MAX = 100

_TAG = "Settings"


class AccountingRules(V1Request):
    """Which accounting rules to change; those that are not named stay."""

    allow_blank_accounting_codes: bool | None = None
    allow_creation_in_closed_period: bool | None = None
    allow_usage_in_closed_period: bool | None = None
    allow_revenue_schedule_negative_amounts: bool | None = None


class AccountingRulesAnswer(AccountingRules):
    """The accounting rules as they are."""


class BillingRules(V1Request):
    """Which billing rules to change; those that are not named stay."""

    rate_usage_individually: bool | None = None
    include_child_usage: bool | None = None


class BillingRulesAnswer(BillingRules):
    """The billing rules as they are."""


class ChildRequest(V1Request):
    """A request for one setting; the URL is relative to `/settings`."""

    id: str | None = None
    method: str
    url: str
    body: dict[str, Any] | None = None


class ParentRequest(ChildRequest):
    """A request whose children are carried out after it, if it is."""

    children: list[ChildRequest] | None = None


class BatchRequest(V1Request):
    """Requests that are carried out one after another."""

    requests: list[ParentRequest]


class BatchAnswer(BaseModel):
    """What became of each request.

    Its `response` has a `status`, and a `body` or `errorMessages`.
    """

    responses: list[dict[str, Any]] = Field(default_factory=list)


def _get(rules: RuleSet) -> Read:
    def query(books: Books, call: Call) -> Rules:
        del call
        return rules.read(books.settings)

    return Read(query)


def _put(rules: RuleSet) -> Write:
    def command(call: Call) -> ChangeRules:
        return ChangeRules(rules=rules, sent=call.payload)

    return Write(single(change_rules), command, _changed)


def _changed(call: Call, rules: Rules) -> Rules:
    del call
    return rules


def _batch(call: Call) -> Sequence[SettingsRequest]:
    body: BatchRequest = call.body
    asked = sum(1 + len(request.children or ()) for request in body.requests)
    if asked > BATCH_MAX:
        raise LimitExceeded(f"A batch may have {BATCH_MAX} requests with all children.")
    return [
        _request(parent, [_request(child) for child in parent.children or ()])
        for parent in body.requests
    ]


def _request(one: ChildRequest, children: Sequence[SettingsRequest] = ()) -> SettingsRequest:
    return SettingsRequest(
        id=one.id,
        method=one.method.upper(),
        url=one.url,
        body=one.body or {},
        children=children,
    )


def _outcomes(call: Call, outcomes: Sequence[SettingsOutcome]) -> Mapping[str, object]:
    del call
    return {"responses": [_shown(one) for one in outcomes]}


def _shown(one: SettingsOutcome) -> Mapping[str, object]:
    return {
        "id": one.request.id,
        "method": one.request.method,
        "url": one.request.url,
        "response": _response(one.outcome),
        "children": [_shown(child) for child in one.children],
    }


def _response(outcome: Rules | EarnedError) -> Mapping[str, object]:
    if not isinstance(outcome, EarnedError):
        return {"status": _status(HTTPStatus.OK), "body": outcome}
    messages = [problem.message for problem in outcome.problems]
    status = HTTPStatus(KINDS[outcome.kind].status)
    return {"status": _status(status), "errorMessages": messages}


def _status(status: HTTPStatus) -> str:
    """Write `404 NOT_FOUND`."""
    return f"{status.value} {status.name}"


def _listing(books: Books, call: Call) -> Mapping[str, object]:
    """Say which settings there are and how to ask for them."""
    del books, call
    return {
        "settings": [
            {
                "key": rules.key,
                "description": f"{rules.words.capitalize()}s",
                "context": "Entity",
                "pathPattern": rules.path,
                "httpOperations": list(_http_operations(rules)),
            }
            for rules in RULE_SETS
        ]
    }


def _http_operations(rules: RuleSet) -> Iterator[Mapping[str, object]]:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {"type": "boolean"} for name in rules.names},
    }
    shared = {"url": f"{ROOT}{rules.path}", "parameters": [], "responseType": schema}
    yield {"method": "GET", **shared}
    yield {"method": "PUT", **shared, "requestType": schema}


OPERATIONS = (
    Operation(
        method="GET",
        path=f"{ROOT}/listing",
        id="Get_ListAllSettings",
        tag=_TAG,
        summary="List all settings",
        work=Read(_listing),
    ),
    Operation(
        method="POST",
        path=f"{ROOT}/batch-requests",
        id="Post_ProcessSettingsBatchRequest",
        tag=_TAG,
        summary="Submit settings requests",
        resource=RESOURCE,
        body=BatchRequest,
        answer=BatchAnswer,
        work=Write(single(change_settings_together), _batch, _outcomes),
    ),
    Operation(
        method="GET",
        path=f"{ROOT}{ACCOUNTING_RULES.path}",
        id="getAccountingRules",
        tag=_TAG,
        summary="Retrieve the accounting rules",
        answer=AccountingRulesAnswer,
        work=_get(ACCOUNTING_RULES),
    ),
    Operation(
        method="PUT",
        path=f"{ROOT}{ACCOUNTING_RULES.path}",
        id="updateAccountingRules",
        tag=_TAG,
        summary="Update the accounting rules",
        resource=RESOURCE,
        body=AccountingRules,
        strict=False,
        answer=AccountingRulesAnswer,
        work=_put(ACCOUNTING_RULES),
    ),
    Operation(
        method="GET",
        path=f"{ROOT}{BILLING_RULES.path}",
        id="getBillingRules",
        tag=_TAG,
        summary="Retrieve the billing rules",
        answer=BillingRulesAnswer,
        work=_get(BILLING_RULES),
    ),
    Operation(
        method="PUT",
        path=f"{ROOT}{BILLING_RULES.path}",
        id="updateBillingRules",
        tag=_TAG,
        summary="Update the billing rules",
        resource=RESOURCE,
        body=BillingRules,
        strict=False,
        answer=BillingRulesAnswer,
        work=_put(BILLING_RULES),
    ),
)
