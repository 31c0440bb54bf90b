"""Subscriptions: `/v1/subscriptions`."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from earned.domain.errors import NotFound
from earned.domain.subscription import Subscription
from earned.domain.terms import TriggerDates
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Read, Traffic, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.subscribing import (
    Period,
    RenewalSetting,
    SubscribedRatePlan,
    TermType,
    length,
)
from earned.http.subscription_answers import (
    SubscriptionAnswer,
    SubscriptionList,
    present_subscription,
)
from earned.http.validation import V1Request, WireDay, custom_fields
from earned.services.find import account_by_key, subscription_by_key
from earned.services.ports import Books
from earned.services.subscribe import NewSubscription, Subscribe, subscribe
from earned.services.work import single

RESOURCE = 531003
TAG = "Subscriptions"
PAGE_SIZE = 20
_VERSION_DIGITS_MAX = 9


class NewSubscriptionBody(V1Request):
    """The body of a request to create a subscription; what only billing needs is ignored."""

    account_key: Annotated[str, Field(min_length=1)]
    contract_effective_date: WireDay
    term_type: TermType
    subscribe_to_rate_plans: Annotated[list[SubscribedRatePlan], Field(min_length=1)]
    initial_term: Annotated[int, Field(ge=1, le=36_500)] | None = None
    initial_term_period_type: Period = "Month"
    renewal_term: Annotated[int, Field(ge=0, le=36_500)] | None = None
    renewal_term_period_type: Period = "Month"
    renewal_setting: RenewalSetting = "RENEW_WITH_SPECIFIC_TERM"
    auto_renew: bool = False
    service_activation_date: WireDay | None = None
    customer_acceptance_date: WireDay | None = None
    term_start_date: WireDay | None = None
    subscription_number: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    invoice_owner_account_key: str | None = None
    notes: Annotated[str, Field(max_length=500)] | None = None


class SubscriptionCreated(V1Answer):
    """Which subscription was created."""

    subscription_id: str
    subscription_number: str


def _command(call: Call) -> Subscribe:
    body: NewSubscriptionBody = call.body
    return Subscribe(
        account_key=body.account_key,
        invoice_owner_key=body.invoice_owner_account_key,
        subscription=NewSubscription(
            triggers=TriggerDates.of(
                body.contract_effective_date,
                body.service_activation_date,
                body.customer_acceptance_date,
            ),
            term_type=body.term_type,
            number=body.subscription_number,
            initial_term=length(body.initial_term, body.initial_term_period_type),
            term_start_date=body.term_start_date,
            renewal_term=length(body.renewal_term, body.renewal_term_period_type),
            renewal_setting=body.renewal_setting,
            auto_renew=body.auto_renew,
            notes=body.notes,
            rate_plans=[plan.chosen() for plan in body.subscribe_to_rate_plans],
            custom_fields=custom_fields(call.payload),
        ),
    )


def _created(call: Call, subscription: Subscription) -> Mapping[str, object]:
    del call
    return {
        "success": True,
        "subscriptionId": subscription.id,
        "subscriptionNumber": subscription.number,
    }


def _get(books: Books, call: Call) -> Mapping[str, object]:
    subscription = subscription_by_key(books, call.path["subscription-key"])
    return {**present_subscription(books, subscription), "success": True}


def _get_version(books: Books, call: Call) -> Mapping[str, object]:
    latest = subscription_by_key(books, call.path["subscription-key"])
    asked = call.path["version"]
    digits = asked.isascii() and asked.isdigit() and len(asked) <= _VERSION_DIGITS_MAX
    version = digits and books.subscriptions.find(
        original_id=latest.original_id, version=int(asked), deleted=False
    )
    if not version:
        raise NotFound.by_key(asked)
    return {**present_subscription(books, version), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    account = account_by_key(books, call.path["account-key"])
    page = page_of(call, PAGE_SIZE)
    rows = books.subscriptions.list(
        account_id=account.id,
        is_latest=True,
        order_by=["number"],
        limit=page.limit,
        offset=page.offset,
    )
    return answer_page(
        call, page, "subscriptions", rows, lambda row: present_subscription(books, row)
    )


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/subscriptions",
        id="createSubscription",
        tag=TAG,
        summary="Create a subscription",
        resource=RESOURCE,
        body=NewSubscriptionBody,
        answer=SubscriptionCreated,
        traffic=Traffic.HIGH_VOLUME,
        work=Write(single(subscribe), _command, _created),
    ),
    Operation(
        method="GET",
        path="/v1/subscriptions/accounts/{account-key}",
        id="getSubscriptionsByAccount",
        tag=TAG,
        summary="List the subscriptions of an account in their latest versions",
        answer=SubscriptionList,
        parameters=page_parameters(PAGE_SIZE),
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path="/v1/subscriptions/{subscription-key}",
        id="getSubscription",
        tag=TAG,
        summary="Retrieve the latest version of a subscription by its id or number",
        answer=SubscriptionAnswer,
        work=Read(_get),
    ),
    Operation(
        method="GET",
        path="/v1/subscriptions/{subscription-key}/versions/{version}",
        id="getSubscriptionVersion",
        tag=TAG,
        summary="Retrieve a version of a subscription",
        answer=SubscriptionAnswer,
        work=Read(_get_version),
    ),
)
