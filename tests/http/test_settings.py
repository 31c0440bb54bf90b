"""The Settings API: accounting rules over the wire (R 5)."""

from typing import Any

from earned.domain.tenancy import Entity, Scope
from tests.api import Api

RULES = "/settings/accounting-rules"
BATCH = "/settings/batch-requests"
DEFAULTS = {
    "allowBlankAccountingCodes": True,
    "allowCreationInClosedPeriod": True,
    "allowUsageInClosedPeriod": True,
    "allowRevenueScheduleNegativeAmounts": False,
}


def batch(api: Api, *requests: dict[str, Any]) -> Any:
    answer = api.post(BATCH, {"requests": list(requests)})
    assert answer.status_code == 200, answer.text
    return answer.json()["responses"]


def test_the_rules_are_read_and_changed(api: Api) -> None:
    assert api.found(RULES) == DEFAULTS

    answer = api.put(RULES, {"allowUsageInClosedPeriod": False, "differentCurrencies": False})

    assert answer.json() == {**DEFAULTS, "allowUsageInClosedPeriod": False}
    assert api.found(RULES) == {**DEFAULTS, "allowUsageInClosedPeriod": False}


def test_who_changed_which_rule_is_in_the_audit_log(api: Api) -> None:
    api.put(RULES, {"allowUsageInClosedPeriod": False, "allowBlankAccountingCodes": True})

    entity = api.application.clients.list(Entity)[0]
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
    with api.application.database.reading(scope) as books:
        (entry,) = books.audit.list(object_type="AccountingRules")
    assert (entry.action, entry.detail) == ("changed", {"allowUsageInClosedPeriod": False})


def test_one_wrong_rule_changes_none(api: Api) -> None:
    refused = api.put(RULES, {"allowUsageInClosedPeriod": False, "allowBlankAccountingCodes": 0})

    assert refused.status_code == 400
    assert refused.json()["reasons"] == [
        {
            "code": 51300020,
            "message": "'allowBlankAccountingCodes' value should be true or false",
        }
    ]
    assert api.found(RULES) == DEFAULTS


def test_a_changed_rule_holds_at_once(api: Api) -> None:
    january = {"name": "Jan", "startDate": "2026-01-01", "endDate": "2026-01-31"}
    period = api.made("/v1/accounting-periods", {**january, "fiscalYear": 2026})["id"]
    api.put(f"/v1/accounting-periods/{period}/close")
    order: dict[str, Any] = {
        "orderDate": "2026-01-10",
        "newAccount": {
            "name": "Acme",
            "currency": "USD",
            "billCycleDay": 1,
            "billToContact": {"firstName": "Ada", "lastName": "Ames"},
        },
        "subscriptions": [
            {
                "orderActions": [
                    {
                        "type": "CreateSubscription",
                        "triggerDates": [
                            {"name": "ContractEffective", "triggerDate": "2026-02-01"}
                        ],
                        "createSubscription": {"terms": {"initialTerm": {"termType": "EVERGREEN"}}},
                    }
                ]
            }
        ],
    }
    assert api.put(RULES, {"allowCreationInClosedPeriod": False}).status_code == 200

    refused = api.post("/v1/orders", order)
    assert refused.json()["reasons"] == [
        {"code": 50300030, "message": "The order date cannot be in a closed accounting period."}
    ]
    api.put(RULES, {"allowCreationInClosedPeriod": True})
    api.made("/v1/orders", order)


def test_the_listing_says_how_to_ask(api: Api) -> None:
    setting, billing = api.found("/settings/listing")["settings"]

    assert (setting["key"], setting["context"]) == ("AccountingRules", "Entity")
    assert setting["pathPattern"] == "/accounting-rules"
    read, change = setting["httpOperations"]
    assert (read["method"], change["method"]) == ("GET", "PUT")
    assert change["url"] == RULES
    assert set(change["requestType"]["properties"]) == set(DEFAULTS)
    assert (billing["key"], billing["pathPattern"]) == ("BillingRules", "/billing-rules")


def test_the_billing_rules_are_read_and_changed(api: Api) -> None:
    path = "/settings/billing-rules"
    assert api.found(path) == {"rateUsageIndividually": False, "includeChildUsage": False}

    assert api.put(path, {"rateUsageIndividually": True}).status_code == 200

    assert api.found(path) == {"rateUsageIndividually": True, "includeChildUsage": False}
    (outcome,) = batch(api, {"method": "GET", "url": "/billing-rules"})
    assert outcome["response"]["body"] == api.found(path)
    assert api.put(path, {"prorationUnit": "ProrateByMonthFirst"}).status_code == 400


def test_a_batch_carries_out_each_request_by_itself_in_order(api: Api) -> None:
    change = {"method": "put", "url": "/accounting-rules"}
    read = {"method": "GET", "url": "/accounting-rules"}

    first, wrong, last = batch(
        api,
        {
            "id": "1",
            **change,
            "body": {"allowUsageInClosedPeriod": False},
            "children": [{"id": "1.1", **read}],
        },
        {"id": "2", **change, "body": {"x": 1}, "children": [{"id": "2.1", **read}]},
        {"id": "3", **read},
    )

    changed = {**DEFAULTS, "allowUsageInClosedPeriod": False}
    done = {"status": "200 OK", "body": changed}
    assert first == {
        "id": "1",
        "method": "PUT",
        "url": "/accounting-rules",
        "response": done,
        "children": [{"id": "1.1", **read, "response": done, "children": []}],
    }
    assert wrong["response"]["status"] == "400 BAD_REQUEST"
    assert wrong["response"]["errorMessages"][0].startswith("There is no accounting rule 'x'.")
    assert wrong["children"] == []
    assert last["response"] == done


def test_what_a_batch_cannot_do_is_said_of_each_request(api: Api) -> None:
    unknown, unsupported = batch(
        api,
        {"method": "GET", "url": "/tax-rules"},
        {"method": "DELETE", "url": "/accounting-rules"},
    )

    assert unknown["response"] == {
        "status": "404 NOT_FOUND",
        "errorMessages": ["There is no setting '/tax-rules'."],
    }
    assert unsupported["response"] == {
        "status": "405 METHOD_NOT_ALLOWED",
        "errorMessages": ["The setting '/accounting-rules' does not support DELETE."],
    }


def test_a_batch_has_100_requests_with_all_children(api: Api) -> None:
    read = {"method": "GET", "url": "/accounting-rules"}
    full = [{**read, "children": [read] * 49}] * 2

    assert len(batch(api, *full)) == 2
    refused = api.post(BATCH, {"requests": [*full, read]})
    assert refused.status_code == 429
    assert refused.json()["reasons"][0] == {
        "code": 51300070,
        "message": "A batch may have 100 requests with all children.",
    }
