"""How far a preview of an order bills, on documents of which day, and what it leaves out."""

from typing import Any

import pytest

from tests.api import Api
from tests.builders import account, writing
from tests.http.test_orders import create, order
from tests.http.test_pools import pool_plan
from tests.http.till import Till, drawn, prepaid
from tests.periods import close

PATH = "/v1/orders/preview"


@pytest.fixture
def till(api: Api) -> Till:
    """Sell 100 minutes a month for 10.00, and have 150 used in January."""
    monthly = prepaid(100, 10, period="MONTH", billing_period="Month")
    sold = Till(api, monthly, drawn(2), months=3)
    sold.use(150, "2022-01-10")
    return sold


AUTO_RENEW = {"type": "TermsAndConditions", "termsAndConditions": {"autoRenew": True}}


def previewed(till: Till, action: Any = AUTO_RENEW, **options: Any) -> Any:
    """Preview an order action: by default, that the subscription renews by itself from now on."""
    item = {"subscriptionNumber": "A-S00000001", "orderActions": [action]}
    body = {"orderDate": "2022-01-01", "existingAccountNumber": "A00000001"}
    options = {"previewTypes": ["BillingDocs"], **options}
    asked = {**body, "subscriptions": [item], "previewOptions": options}
    return till.api.post(PATH, asked).json()


@pytest.mark.parametrize(
    ("options", "amount", "target"),
    [
        ({}, 130, "2022-03-31"),
        ({"previewThruType": "TermEnd"}, 130, "2022-03-31"),
        ({"previewThruType": "NumberOfPeriods", "previewNumberOfPeriods": 1}, 10, "2022-01-31"),
        ({"previewThruType": "NumberOfPeriods", "previewNumberOfPeriods": 2}, 120, "2022-02-28"),
        ({"specificPreviewThruDate": "2022-02-01"}, 120, "2022-02-01"),
        ({"chargeTypeToExclude": ["usage"]}, 30, "2022-03-31"),
    ],
)
def test_a_preview_bills_as_far_as_it_is_told_to(
    till: Till, options: dict[str, Any], amount: int, target: str
) -> None:
    (invoice,) = previewed(till, **options)["previewResult"]["invoices"]

    assert (invoice["amount"], invoice["targetDate"]) == (amount, target)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"previewThruType": "SpecificDate"}, "'previewOptions.{}' may not be null"),
        ({"previewThruType": "NumberOfPeriods"}, "'previewOptions.{}' may not be null"),
        (
            {"previewThruType": "Forever"},
            "'previewOptions.{}' value should be one of: SpecificDate, TermEnd, NumberOfPeriods",
        ),
        (
            {"specificPreviewThruDate": "9999-12-31"},
            "'targetDate' value should be at most 100 years from today",
        ),
        (
            {"chargeTypeToExclude": ["gift"]},
            "'previewOptions.{}' value should be one of: OneTime, Recurring, Usage",
        ),
    ],
)
def test_a_preview_that_does_not_say_how_far_is_refused(
    till: Till, options: dict[str, Any], message: str
) -> None:
    names = {
        "SpecificDate": "specificPreviewThruDate",
        "NumberOfPeriods": "previewNumberOfPeriods",
        "Forever": "previewThruType",
    }
    name = names.get(options.get("previewThruType", ""), "chargeTypeToExclude")

    (reason,) = previewed(till, **options)["reasons"]

    assert reason["message"] == message.format(name)


def test_a_preview_tells_the_funds_that_a_subscription_puts_into_a_pool(api: Api) -> None:
    with writing(api) as books:
        account(books, number="A-1")
        plan = pool_plan(books).id

    told = api.made(PATH, order("A-1", create(plan)))["previewResult"]

    ((fund,),) = (one["subscriptionFunds"] for one in told["funds"])
    assert (fund["startDate"], fund["balance"]) == ("2026-01-01", "100")
    assert told["chargeMetrics"][0]["charges"][0]["tcv"] == {"regular": 100}


def test_the_funds_of_a_preview_are_those_of_the_order_however_far_it_bills(till: Till) -> None:
    endless = {"lastTerm": {"termType": "EVERGREEN"}}
    action = {"type": "TermsAndConditions", "termsAndConditions": endless}
    options = {"previewTypes": ["BillingDocs"], "specificPreviewThruDate": "2023-06-30"}

    told = previewed(till, action, **options)["previewResult"]

    (held,) = (one["subscriptionFunds"] for one in told["funds"])
    assert (len(held), held[-1]["startDate"]) == (13, "2023-01-01")
    assert told["invoices"][0]["amount"] == 18 * 10 + 100


def test_documents_of_a_closed_period_are_previewed_no_more_than_made(till: Till) -> None:
    with writing(till.api) as books:
        close(books, "Jan'2022")

    closed = previewed(till, documentDate="2022-01-31")
    unbilled = previewed(till, documentDate="2022-01-31", previewTypes=["ChargeMetrics"])

    message = "The document date cannot be in a closed accounting period."
    assert closed["reasons"][0]["message"] == message
    assert unbilled["success"] is True


def test_an_order_is_previewed_for_somebody_who_has_no_account_yet(api: Api) -> None:
    with writing(api) as books:
        plan = pool_plan(books).id
    body = order("A-1", create(plan), previewOptions={"previewTypes": ["BillingDocs"]})
    del body["existingAccountNumber"]
    nobody = api.post(PATH, body).json()["reasons"]
    assert nobody[0]["message"] == "'existingAccountNumber' may not be null"

    told = api.made(PATH, {**body, "previewAccountInfo": {"currency": "USD", "billCycleDay": 0}})

    assert [invoice["amount"] for invoice in told["previewResult"]["invoices"]] == [100]
    both = {**body, "previewAccountInfo": {"currency": "USD"}, "existingAccountNumber": "A-1"}
    assert api.post(PATH, both).json()["success"] is False
    with writing(api) as books:
        assert not books.accounts.list()
        account(books, currency="EUR")
    assert api.post(PATH, {**body, "previewAccountInfo": {"currency": "EUR"}}).status_code == 400
