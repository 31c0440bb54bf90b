"""Recognition rules over the wire: their options, their life, and the charges that name them."""

from typing import Any

import pytest

from earned.bootstrap.first_run import add_entity, ensure_books
from earned.domain.tenancy import Entity, Scope, Tenant
from tests import builders
from tests.api import CLIENT_ID, Api
from tests.http.test_product_charges import CHARGES, PREPAYMENT
from tests.periods import define_months

RULES = "/v1/settings/finance/revenue-recognition-rules"
MONTHLY = "Monthly recognition over time"
SPECIFIC = "Full recognition on a specific date"
UNLIMITED = "Custom - Unlimited recognition"
CHOICES = "value should be one of: RegardlessOfTransaction, NotBeforeTransaction"


def made(
    api: Api, name: str = "Ours", model: str = "Daily recognition over time", **more: Any
) -> str:
    body = {"name": name, "recognitionModel": model, **more}
    return str(api.made(RULES, body)["id"])


def refused(api: Api, body: dict[str, Any]) -> list[tuple[int, str]]:
    answer = api.post(RULES, body).json()
    assert answer["success"] is False, answer
    return [(reason["code"], reason["message"]) for reason in answer["reasons"]]


def reason(answer: Any) -> tuple[int, str]:
    (only,) = answer.json()["reasons"]
    return only["code"], only["message"]


def test_every_entity_has_four_rules(api: Api) -> None:
    rules = api.found(RULES)["revenueRecognitionRules"]

    assert [(rule["name"], rule["recognitionModel"]) for rule in rules] == [
        (UNLIMITED, "Custom - Unlimited recognition"),
        ("Recognize by drawdown", "Recognition by drawdown"),
        ("Recognize daily over time", "Daily recognition over time"),
        ("Recognize upon invoicing", "Full recognition upon invoicing"),
    ]
    assert all(rule["active"] and rule["preconfigured"] for rule in rules)


def test_a_new_entity_has_them_and_no_other_entity_s(api: Api) -> None:
    made(api, "Only here")
    tenant = api.application.clients.list(Tenant)[0]
    other = add_entity(api.application, tenant.id, "Other")
    ensure_books(api.application, CLIENT_ID)

    for entity in api.application.clients.list(Entity):
        scope = Scope(tenant_id=tenant.id, entity_id=entity.id, user_id="tests")
        with api.application.database.reading(scope) as books:
            count = 4 if entity.id == other.id else 5
            assert books.recognition_rules.count() == count


def test_a_rule_is_created_with_the_options_of_its_model(api: Api) -> None:
    rule_id = made(api, "Mine", description="Over the service", Colour__c="red")

    rule = api.found(f"{RULES}/{rule_id}")
    assert rule.pop("createdOn") == rule.pop("updatedOn") == "2026-01-15 12:00:00"
    assert rule.pop("createdBy") == rule.pop("updatedBy")
    assert rule == {
        "success": True,
        "id": rule_id,
        "name": "Mine",
        "recognitionModel": "Daily recognition over time",
        "description": "Over the service",
        "active": True,
        "preconfigured": False,
        "recognitionStart": {"dateField": "ServicePeriodStart", "after": 0, "unit": "Days"},
        "recognitionEnd": {"dateField": "ServicePeriodEnd", "after": 0, "unit": "Days"},
        "distributionType": None,
        "rounding": "Trailing",
        "transactionDate": "RegardlessOfTransaction",
        "closedPeriods": "NextOpenPeriod",
        "Colour__c": "red",
    }


def test_choices_are_accepted_in_any_case(api: Api) -> None:
    api.settings(monthly_recognition=True)
    rule_id = made(
        api,
        model="monthly Recognition over time",
        recognitionStart={"dateField": "transactiondate", "after": 10, "unit": "days"},
        recognitionEnd={"dateField": "RecognitionStart", "after": 12, "unit": "MONTHS"},
        distributionType="monthly distribution (front load)",
        rounding="leading",
        transactionDate="notBeforeTransaction",
        closedPeriods="nextopenperiod",
    )

    rule = api.found(f"{RULES}/{rule_id}")
    assert rule["recognitionStart"] == {"dateField": "TransactionDate", "after": 10, "unit": "Days"}
    assert rule["recognitionEnd"] == {
        "dateField": "RecognitionStart",
        "after": 12,
        "unit": "Months",
    }
    assert rule["distributionType"] == "Monthly Distribution (Front Load)"
    assert (rule["rounding"], rule["transactionDate"]) == ("Leading", "NotBeforeTransaction")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {},
            [
                (50640022, "'name' may not be null"),
                (50640022, "'recognitionModel' may not be null"),
            ],
        ),
        ({"name": " ", "recognitionModel": SPECIFIC}, [(50640020, "'name' value is invalid")]),
        (
            {"name": "A", "recognitionModel": SPECIFIC, "rounding": "Trailing"},
            [(50640020, f"'rounding' does not apply to the model '{SPECIFIC}'")],
        ),
        (
            {"name": "A", "recognitionModel": MONTHLY},
            [(50640010, f"'recognitionModel' needs the model {MONTHLY}, which is off.")],
        ),
        (
            {"name": "Recognize upon invoicing", "recognitionModel": SPECIFIC},
            [
                (
                    50640030,
                    "The revenue recognition rule 'Recognize upon invoicing' already exists.",
                )
            ],
        ),
        (
            {"name": "A", "recognitionModel": SPECIFIC, "transactionDate": "Never"},
            [
                (50640020, f"'transactionDate' {CHOICES}"),
            ],
        ),
        (
            {
                "name": "A",
                "recognitionModel": SPECIFIC,
                "recognitionStart": {"dateField": "ServicePeriodStart", "after": 5001},
            },
            [(50640020, "'recognitionStart' should be between 0 and 5000 Days after its date")],
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    api: Api, body: dict[str, Any], expected: list[tuple[int, str]]
) -> None:
    assert refused(api, body) == expected
    assert len(api.found(RULES)["revenueRecognitionRules"]) == 4


def test_there_are_at_most_200(api: Api) -> None:
    with builders.writing(api) as books:
        (sample,) = books.recognition_rules.list(name="Recognize by drawdown")
        for number in range(195):
            twin = {"id": books.new_id(), "name": f"Rule {number}"}
            facts = {name: getattr(sample, name) for name in type(sample).__dataclass_fields__}
            books.recognition_rules.add(type(sample)(**{**facts, **twin}))
    made(api, "The last")

    assert refused(api, {"name": "One more", "recognitionModel": SPECIFIC}) == [
        (50640030, "There can be a maximum of 200 revenue recognition rules.")
    ]


def test_a_rule_that_nothing_names_is_changed(api: Api) -> None:
    rule_id = made(api, rounding="Leading", Colour__c="red")
    change = {
        "name": "Ours, renamed",
        "description": "As agreed",
        "rounding": None,
        "recognitionEnd": {"dateField": "RecognitionStart", "after": 1, "unit": "Years"},
        "Size__c": 2,
    }

    assert api.put(f"{RULES}/{rule_id}", change).json() == {"success": True}

    rule = api.found(f"{RULES}/{rule_id}")
    assert (rule["name"], rule["description"]) == ("Ours, renamed", "As agreed")
    assert (rule["rounding"], rule["Colour__c"], rule["Size__c"]) == ("Trailing", "red", 2)
    assert rule["recognitionEnd"] == {"dateField": "RecognitionStart", "after": 1, "unit": "Years"}
    assert rule["recognitionStart"]["dateField"] == "ServicePeriodStart"
    assert api.put(f"{RULES}/{rule_id}", {"recognitionEnd": None}).json() == {"success": True}
    assert api.found(f"{RULES}/{rule_id}")["recognitionEnd"]["dateField"] == "ServicePeriodEnd"
    assert reason(api.put(f"{RULES}/{rule_id}", {"name": UNLIMITED})) == (
        50640030,
        f"The revenue recognition rule '{UNLIMITED}' already exists.",
    )


def test_a_rule_lives_and_is_deleted_when_it_was_deactivated(api: Api) -> None:
    rule_id = made(api)
    path = f"{RULES}/{rule_id}"
    assert reason(api.delete(path))[1] == (
        "Revenue recognition rule 'Ours' cannot be deleted: deactivate it first."
    )

    for action, active in [("deactivate", False), ("activate", True), ("deactivate", False)]:
        for _ in range(2):
            assert api.put(f"{path}/{action}").json() == {"success": True}
        assert api.found(path)["active"] is active

    assert api.delete(path).json() == {"success": True}
    assert api.get(path).status_code == 404
    with builders.writing(api) as books:
        told = books.audit.list(object_type="RecognitionRule", order_by=["at"])
        assert [entry.action for entry in told] == [
            *("created", "deactivated", "activated", "deactivated", "deleted")
        ]


def test_a_rule_that_every_entity_has_stays(api: Api) -> None:
    rules = api.found(RULES)["revenueRecognitionRules"]
    path = f"{RULES}/{next(rule['id'] for rule in rules if rule['name'] == UNLIMITED)}"
    text = f"Revenue recognition rule '{UNLIMITED}' cannot be"

    assert reason(api.put(path, {"name": "Other"}))[1] == f"{text} changed: every entity has it."
    assert reason(api.delete(path))[1] == f"{text} deleted: every entity has it."
    assert api.put(f"{path}/deactivate").json() == {"success": True}
    assert api.put(f"{path}/activate").json() == {"success": True}


def test_a_rule_that_a_charge_of_the_catalog_names_stays_as_it_is(api: Api) -> None:
    rule_id = made(api)
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        builders.charge(books, plan, revenue_recognition_rule_name="Ours")

    for answer, action in [
        (api.put(f"{RULES}/{rule_id}", {"description": "x"}), "changed"),
        (api.put(f"{RULES}/{rule_id}/deactivate"), "deactivated"),
    ]:
        assert reason(answer)[1] == (
            f"Revenue recognition rule 'Ours' cannot be {action}: charges or revenue schedules use "
            "it."
        )


def test_a_rule_that_only_a_subscription_names_stays_as_it_is(api: Api) -> None:
    rule_id = made(api)
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        charge = builders.charge(books, plan, revenue_recognition_rule_name="Ours")
        builders.sell(books, builders.account(books), plan)
        books.product_charges.change(charge, revenue_recognition_rule_name=None)

    assert api.put(f"{RULES}/{rule_id}/deactivate").status_code == 400


def charge_body(api: Api, rule: str | None) -> dict[str, Any]:
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        builders.unit(books, "Token")
    return {**PREPAYMENT, "ProductRatePlanId": plan.id, "RevenueRecognitionRuleName": rule}


@pytest.mark.parametrize("rule", ["Recognize daily over time", "Ours", None])
def test_a_charge_names_an_active_rule_or_none(api: Api, rule: str | None) -> None:
    made(api)
    charge = api.made(CHARGES, charge_body(api, rule))["Id"]

    assert api.found(f"{CHARGES}/{charge}")["RevenueRecognitionRuleName"] == rule


def test_a_charge_may_not_name_a_rule_that_is_unknown_or_inactive(api: Api) -> None:
    made(api, "Sleeping", active=False)
    for name, problem in [
        ("Nobody's", "there is no revenue recognition rule 'Nobody's'"),
        ("Sleeping", "revenue recognition rule 'Sleeping' is inactive"),
    ]:
        answer = api.post(CHARGES, charge_body(api, name)).json()
        message = f"'RevenueRecognitionRuleName' value is invalid: {problem}"
        assert answer["Errors"] == [{"Code": "INVALID_VALUE", "Message": message}]


def test_a_charge_keeps_the_rule_it_has_and_may_take_another(api: Api) -> None:
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        charge = builders.charge(books, plan, revenue_recognition_rule_name="Of older books")
    path = f"{CHARGES}/{charge.id}"

    assert api.put(path, {"Description": "x"}).json()["Success"] is True
    assert api.put(path, {"RevenueRecognitionRuleName": "Nobody's"}).status_code == 400
    assert api.put(path, {"RevenueRecognitionRuleName": UNLIMITED}).json()["Success"] is True


@pytest.mark.parametrize(("rule", "status"), [("Ours", 200), ("Nobody's", 400)])
def test_a_subscription_may_take_another_rule(api: Api, rule: str, status: int) -> None:
    made(api)
    with builders.writing(api) as books:
        customer, plan = builders.account(books), builders.rate_plan(books)
        charge = builders.charge(books, plan)
    override = {"productRatePlanChargeId": charge.id, "revenueRecognitionRuleName": rule}
    body = {
        "accountKey": customer.number,
        "contractEffectiveDate": "2026-01-01",
        "termType": "EVERGREEN",
        "subscribeToRatePlans": [
            {"productRatePlanId": plan.id, "chargeOverrides": [override]},
        ],
    }

    answer = api.post("/v1/subscriptions", body)

    assert answer.status_code == status
    if status == 400:
        assert reason(answer)[1] == (
            "'revenueRecognitionRuleName' value is invalid: there is no revenue recognition rule "
            "'Nobody's'"
        )


@pytest.mark.parametrize(("model", "status"), [(UNLIMITED, 200), ("Manual recognition", 400)])
def test_r_t14_the_model_of_the_rule_decides_who_makes_schedules(
    api: Api, model: str, status: int
) -> None:
    made(api, "By project", model)
    with builders.writing(api) as books:
        define_months(books, 2026, 1)
        plan = builders.rate_plan(books)
        builders.unlimited_charge(books, plan, revenue_recognition_rule_name="By project")
        charge = builders.sell(books, builders.account(books), plan).charge("Project")
    path = f"/v1/revenue-schedules/subscription-charges/{charge.number}"

    answer = api.post(path, {"amount": "300", "revenueScheduleDate": "2026-01-01"})

    assert answer.status_code == status
    if status == 200:
        schedule = api.found("/v1/revenue-schedules/RS-00000001")
        assert schedule["recognitionRuleName"] == "By project"
        (rule,) = [
            rule
            for rule in api.found(RULES)["revenueRecognitionRules"]
            if rule["name"] == "By project"
        ]
        assert api.put(f"{RULES}/{rule['id']}/deactivate").status_code == 400
