"""Revenue schedules over the wire: the seed's contract, R 2.9 and the scenarios of R 11."""

from dataclasses import replace
from typing import Any

import pytest

from earned.domain.accounting import AccountingCode, AccountingPeriod
from earned.domain.chart import CATEGORIES
from earned.domain.schedule import RevenueSchedule
from earned.services.ports import Books
from tests import builders
from tests.api import Api
from tests.builders import writing
from tests.http.by_hand import PLAIN, Charge
from tests.periods import close, define_months, reopen

WRONG_DECIMALS = "Allocation amount with wrong decimal places."
ONLY_UNLIMITED = (
    "Revenue schedule can only be created for a charge with a custom unlimited recognition rule."
)
WRONG_SUM = "The sum of the newAmount fields must be equal to the amount field."

SEED = {
    "amount": "300",
    "deferredRevenueAccountingCode": "Deferred Revenue",
    "deferredRevenueAccountingCodeType": "Deferred Revenue",
    "overrideChargeAccountingCodes": "true",
    "recognizedRevenueAccountingCode": "Subscription Revenue",
    "recognizedRevenueAccountingCodeType": "Sales Revenue",
    "referenceId": "rs transaction ref",
    "revenueDistributions": [
        {"accountingPeriodName": "Jan'2013", "newAmount": "100"},
        {"accountingPeriodName": "Feb'2013", "newAmount": "200"},
    ],
    "revenueEvent": {
        "eventType": "Revenue Distributed",
        "eventTypeSystemId": "1111111",
        "notes": "Manually distribute revenue by usage",
    },
    "revenueScheduleDate": "2013-01-01",
}


def get(api: Api, number: str = "RS-00000001") -> Any:
    return api.found(f"/v1/revenue-schedules/{number}")


def add_code(books: Books, name: str, code_type: str, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "id": books.new_id(),
        "entity_id": books.scope.entity_id,
        "name": name,
        "code_type": code_type,
        "category": CATEGORIES[code_type],
        **books.stamp(),
    }
    books.codes.add(AccountingCode(**{**facts, **changes}))


@pytest.fixture
def periods(api: Api) -> list[AccountingPeriod]:
    """Define the first two months of 2013, and the accounting codes of the seed's sample."""
    with writing(api) as books:
        add_code(books, "Deferred Revenue", "DeferredRevenue")
        add_code(books, "Subscription Revenue", "SalesRevenue")
        add_code(books, "Old Revenue", "SalesRevenue", status="Inactive")
        add_code(books, "Project Revenue", "OtherRevenue")
        return define_months(books, 2013, 1, 2)


@pytest.fixture
def charge(api: Api, periods: list[AccountingPeriod]) -> Charge:
    assert periods
    return Charge(api)


def test_r_t1_the_sample_of_the_seed(api: Api, charge: Charge) -> None:
    assert api.made(charge.path, SEED) == {
        "revenueScheduleNumber": "RS-00000001",
        "success": True,
    }

    found = get(api)
    codes = {
        "recognizedRevenueAccountingCode": "Subscription Revenue",
        "recognizedRevenueAccountingCodeType": "Revenue: Sales",
        "deferredRevenueAccountingCode": "Deferred Revenue",
        "deferredRevenueAccountingCodeType": "Liabilities: Deferred Revenue",
    }
    assert found == {
        "number": "RS-00000001",
        "recognitionRuleName": "Custom - Unlimited recognition",
        "amount": 300.0,
        "undistributedUnrecognizedRevenue": 0.0,
        "recognizedRevenue": 0.0,
        "unrecognizedRevenue": 300.0,
        "currency": "USD",
        "notes": None,
        "createdOn": found["createdOn"],
        "updatedOn": found["createdOn"],
        "accountId": charge.charge.account_id,
        "subscriptionId": charge.charge.original_subscription_id,
        "subscriptionChargeId": charge.charge.original_id,
        "linkedTransactionId": None,
        "linkedTransactionNumber": None,
        "linkedTransactionType": None,
        "referenceId": "rs transaction ref",
        "revenueScheduleDate": "2013-01-01",
        "revenueItems": [
            {
                "accountingPeriodName": "Jan'2013",
                "accountingPeriodStartDate": "2013-01-01",
                "accountingPeriodEndDate": "2013-01-31",
                "amount": 100.0,
                "currency": "USD",
                "isAccountingPeriodClosed": False,
                **codes,
            },
            {
                "accountingPeriodName": "Feb'2013",
                "accountingPeriodStartDate": "2013-02-01",
                "accountingPeriodEndDate": "2013-02-28",
                "amount": 200.0,
                "currency": "USD",
                "isAccountingPeriodClosed": False,
                **codes,
            },
            {
                "accountingPeriodName": "Open-Ended",
                "accountingPeriodStartDate": "2013-03-01",
                "accountingPeriodEndDate": None,
                "amount": 0.0,
                "currency": "USD",
                "isAccountingPeriodClosed": False,
                **codes,
            },
        ],
        "success": True,
    }


def test_r_t1_the_schedule_has_one_event_with_what_it_added(api: Api, charge: Charge) -> None:
    api.made(charge.path, {**SEED, "revenueEvent": {**SEED["revenueEvent"], "Why__c": 7}})  # type: ignore[dict-item]

    listed = api.found("/v1/revenue-events/revenue-schedules/rs-00000001")
    (event,) = listed["revenueEventDetails"]
    assert "nextPage" not in listed
    assert event["number"] == "RE-00000001"
    assert event["eventType"] == "Revenue Distributed"
    assert event["eventTypeSystemId"] == "1111111"
    assert event["notes"] == "Manually distribute revenue by usage"
    assert event["subscriptionChargeId"] == charge.charge.original_id
    assert event["recognitionStart"] is event["recognitionEnd"] is None
    assert event["Why__c"] == 7
    assert [(i["accountingPeriodName"], i["amount"]) for i in event["revenueItems"]] == [
        ("Jan'2013", 100.0),
        ("Feb'2013", 200.0),
    ]
    assert "recognizedRevenueAccountingCode" not in event["revenueItems"][0]
    assert api.found("/v1/revenue-events/re-00000001") == {**event, "success": True}


def test_r_t2_revenue_is_recognized_when_its_period_closes(api: Api, charge: Charge) -> None:
    api.made(charge.path, SEED)

    with writing(api) as books:
        close(books, "Jan'2013")

    found = get(api)
    assert (found["recognizedRevenue"], found["unrecognizedRevenue"]) == (100.0, 200.0)
    assert [i["isAccountingPeriodClosed"] for i in found["revenueItems"]] == [True, False, False]


def test_r_t3_and_no_longer_when_the_period_is_reopened(api: Api, charge: Charge) -> None:
    api.made(charge.path, SEED)
    with writing(api) as books:
        close(books, "Jan'2013")
        reopen(books, "Jan'2013")

    found = get(api)
    assert (found["recognizedRevenue"], found["unrecognizedRevenue"]) == (0.0, 300.0)


@pytest.mark.parametrize("absent", [{}, {"revenueDistributions": []}])
def test_r_t4_without_distributions_all_is_open_ended(
    api: Api, charge: Charge, absent: dict[str, Any]
) -> None:
    charge.created(**absent)

    found = get(api)
    assert found["undistributedUnrecognizedRevenue"] == 300.0
    (item,) = found["revenueItems"]
    assert (item["accountingPeriodName"], item["amount"]) == ("Open-Ended", 300.0)
    assert item["accountingPeriodEndDate"] is None
    (event,) = api.found("/v1/revenue-events/revenue-schedules/RS-00000001")["revenueEventDetails"]
    assert (event["eventType"], event["eventTypeSystemId"]) == (
        "Revenue Distributed",
        "RevenueDistributed__z",
    )


def test_r_t5_a_wrong_sum_is_refused_and_takes_no_number(charge: Charge) -> None:
    wrong = [
        {"accountingPeriodName": "Jan'2013", "newAmount": "100"},
        {"accountingPeriodName": "Feb'2013", "newAmount": "150"},
    ]
    assert charge.refused({**PLAIN, "revenueDistributions": wrong}) == (30, WRONG_SUM)
    assert charge.created() == "RS-00000001"


def test_r_t6_yen_have_no_decimals(api: Api, periods: list[AccountingPeriod]) -> None:
    assert periods
    charge = Charge(api, "JPY")

    assert charge.refused({**PLAIN, "amount": "30.15"}) == (20, WRONG_DECIMALS)
    charge.created(amount="30")
    assert get(api)["amount"] == 30


def test_r_t7_dollars_have_two(api: Api, charge: Charge) -> None:
    assert charge.refused({**PLAIN, "amount": "30.155"}) == (20, WRONG_DECIMALS)
    charge.created(amount="30.15")
    charge.created(amount=30.15)
    assert [get(api, f"RS-0000000{n}")["amount"] for n in (1, 2)] == [30.15, 30.15]


def test_dinars_have_three_and_zeros_beyond_do_not_matter(
    api: Api, periods: list[AccountingPeriod]
) -> None:
    assert periods
    charge = Charge(api, "KWD")

    assert charge.refused({**PLAIN, "amount": "1.2345"}) == (20, WRONG_DECIMALS)
    charge.created(amount="1.2340")
    assert get(api)["amount"] == 1.234


def test_r_t9_the_amount_of_a_period_must_fit_too(charge: Charge) -> None:
    wrong = [{"accountingPeriodName": "Jan'2013", "newAmount": "100.001"}]
    body = {**PLAIN, "amount": "100", "revenueDistributions": wrong}
    assert charge.refused(body) == (20, WRONG_DECIMALS)


def test_r_t10_the_date_cannot_be_in_a_closed_period(api: Api, charge: Charge) -> None:
    with writing(api) as books:
        close(books, "Jan'2013")

    message = "Revenue schedule date cannot be in a closed accounting period."
    assert charge.refused(PLAIN) == (30, message)
    charge.created(revenueScheduleDate="2013-02-01")
    charge.created(revenueScheduleDate="2030-02-01")


def test_r_t11_a_closed_period_takes_no_revenue(api: Api, charge: Charge) -> None:
    with writing(api) as books:
        close(books, "Jan'2013")

    body = {**SEED, "revenueScheduleDate": "2013-02-01"}
    message = "Revenue cannot be distributed into closed accounting period 'Jan'2013'."
    assert charge.refused(body) == (30, message)


def test_r_t12_250_periods_and_not_one_more(api: Api, charge: Charge) -> None:
    with writing(api) as books:
        for year in range(2014, 2035):
            define_months(books, year, *range(1, 13))
        names = [p.name for p in books.periods.list(order_by=["-start_date"]) if p.start_date]
    parts = [{"accountingPeriodName": name, "newAmount": 1} for name in names[:251]]
    assert len(parts) == 251

    body = {**PLAIN, "amount": 251, "revenueDistributions": parts}
    message = "Revenue can be distributed into a maximum of 250 accounting periods."
    assert charge.refused(body) == (30, message)
    charge.created(amount=250, revenueDistributions=parts[:250])
    assert len(get(api)["revenueItems"]) == 251
    listed = api.found("/v1/revenue-items/revenue-schedules/RS-00000001")
    assert len(listed["revenueItems"]) == 251
    assert "nextPage" not in listed


def test_r_t13_a_charge_has_3000_schedules_and_not_one_more(api: Api, charge: Charge) -> None:
    with writing(api) as books:
        books.schedules.add_all([stored(books, charge, n) for n in range(2999)])
        books.schedules.add(
            replace(stored(books, charge, 3000), deleted=True, deleted_at=books.now)
        )
        sold = builders.sell(books, builders.account(books), builders.prepaid_plan(books), months=1)
        fund = sold.funds[0]
        kept = books.schedules.find(fund_id=fund.id)
        assert kept
        books.schedules.change(kept, charge_id=charge.charge.original_id)

    last = charge.created()
    response = api.post(charge.path, PLAIN)
    assert response.status_code == 400
    assert response.json()["reasons"] == [
        {
            "code": 50600030,
            "message": "A maximum of 3,000 revenue schedules can be created for a subscription "
            "charge.",
        }
    ]
    assert Charge(api).created() == f"RS-{int(last[3:]) + 1:08}"


def stored(books: Books, charge: Charge, number: int) -> RevenueSchedule:
    return RevenueSchedule(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        number=f"X-{number}",
        account_id=charge.charge.account_id,
        original_subscription_id=charge.charge.original_subscription_id,
        charge_id=charge.charge.original_id,
        amount_minor=0,
        currency="USD",
        rule_name="Custom - Unlimited recognition",
        schedule_date=charge.charge.effective_start_date,
        **books.stamp(),
    )


@pytest.mark.parametrize("rule", ["Recognize upon invoicing", None])
def test_r_t14_only_custom_unlimited_charges_take_schedules(
    api: Api, periods: list[AccountingPeriod], rule: str | None
) -> None:
    assert periods
    charge = Charge(api, revenue_recognition_rule_name=rule)

    assert charge.refused(SEED) == (30, ONLY_UNLIMITED)


@pytest.mark.parametrize("override", [{}, {"overrideChargeAccountingCodes": False}])
def test_r_t15_codes_are_the_charges_unless_overridden(
    api: Api, periods: list[AccountingPeriod], override: dict[str, Any]
) -> None:
    assert periods
    charge = Charge(
        api,
        recognized_revenue_account="Project Revenue",
        deferred_revenue_account="Deferred Revenue",
    )
    ignored = {"recognizedRevenueAccountingCode": "Nowhere", "deferredRevenueAccountingCode": 7}

    charge.created(**override, **ignored)

    (item,) = get(api)["revenueItems"]
    assert item["recognizedRevenueAccountingCode"] == "Project Revenue"
    assert item["recognizedRevenueAccountingCodeType"] == "Revenue: Other"
    assert item["deferredRevenueAccountingCode"] == "Deferred Revenue"
    assert item["deferredRevenueAccountingCodeType"] == "Liabilities: Deferred Revenue"


OVERRIDE = {
    "overrideChargeAccountingCodes": True,
    "recognizedRevenueAccountingCode": "Subscription Revenue",
    "recognizedRevenueAccountingCodeType": "SalesRevenue",
    "deferredRevenueAccountingCode": "Deferred Revenue",
    "deferredRevenueAccountingCodeType": "Liabilities: Deferred Revenue",
}


@pytest.mark.parametrize(
    "code", ["recognizedRevenueAccountingCode", "deferredRevenueAccountingCode"]
)
def test_r_t17_to_override_both_codes_must_be_there(charge: Charge, code: str) -> None:
    body = {**PLAIN, **{k: v for k, v in OVERRIDE.items() if k != code}}
    assert charge.refused(body) == (22, f"'{code}' may not be null")


def test_codes_may_be_overridden_with_none(api: Api, periods: list[AccountingPeriod]) -> None:
    assert periods
    charge = Charge(api, recognized_revenue_account="Project Revenue")
    empty = {"recognizedRevenueAccountingCode": "", "deferredRevenueAccountingCode": ""}

    charge.created(overrideChargeAccountingCodes=True, **empty)

    (item,) = get(api)["revenueItems"]
    assert item["recognizedRevenueAccountingCode"] is None
    assert item["recognizedRevenueAccountingCodeType"] is None


@pytest.mark.parametrize(
    ("changes", "category", "message"),
    [
        (
            {"recognizedRevenueAccountingCode": "Nowhere"},
            20,
            "Cannot find accounting code 'Nowhere'.",
        ),
        (
            {"recognizedRevenueAccountingCode": "Old Revenue"},
            30,
            "Accounting code 'Old Revenue' is not active.",
        ),
        (
            {"recognizedRevenueAccountingCode": "Deferred Revenue"},
            20,
            "Accounting code 'Deferred Revenue' is not of the given type.",
        ),
        (
            {"deferredRevenueAccountingCodeType": None},
            22,
            "'deferredRevenueAccountingCodeType' may not be null",
        ),
        (
            {"overrideChargeAccountingCodes": "yes"},
            20,
            "'overrideChargeAccountingCodes' value is invalid",
        ),
    ],
)
def test_an_overriding_code_must_be_there_active_and_of_its_type(
    charge: Charge, changes: dict[str, Any], category: int, message: str
) -> None:
    assert charge.refused({**PLAIN, **OVERRIDE, **changes}) == (category, message)


def test_r_t40_an_unknown_schedule_is_not_found(api: Api) -> None:
    response = api.get("/v1/revenue-schedules/RS-00000404")
    reasons = [{"code": 50000040, "message": "Cannot find entity by key: 'RS-00000404'."}]
    assert response.status_code == 404
    assert response.json()["reasons"] == reasons

    legacy = api.get("/v1/revenue-schedules/RS-00000404", Zuora_Version="186.0")
    assert legacy.status_code == 200
    assert legacy.json()["success"] is False
    assert legacy.json()["reasons"] == reasons


def test_r_t49_nine_schedules_are_two_pages_the_last_changed_first(
    api: Api, charge: Charge
) -> None:
    for _ in range(9):
        charge.created()

    first = api.found(charge.path)
    numbers = [one["number"] for one in first["revenueSchedules"]]
    assert numbers == [f"RS-0000000{n}" for n in range(9, 1, -1)]
    assert first["nextPage"] == f"http://testserver{charge.path}?page=2&pageSize=8"
    second = api.found(first["nextPage"].removeprefix("http://testserver"))
    assert [one["number"] for one in second["revenueSchedules"]] == ["RS-00000001"]
    assert "nextPage" not in second


def test_r_t50_a_page_has_at_most_40(api: Api, charge: Charge) -> None:
    with writing(api) as books:
        books.schedules.add_all([stored(books, charge, n) for n in range(41)])

    assert len(api.found(f"{charge.path}?pageSize=100")["revenueSchedules"]) == 40
    assert len(api.found(f"{charge.path}?pageSize=100&page=2")["revenueSchedules"]) == 1
    assert api.get(f"{charge.path}?pageSize=0").status_code == 400
    assert api.get(f"{charge.path}?page=x").status_code == 400


def test_a_charge_without_schedules_has_an_empty_list(api: Api, charge: Charge) -> None:
    assert api.found(charge.path) == {"revenueSchedules": [], "success": True}


def test_the_charge_goes_by_id_original_id_or_number(api: Api, charge: Charge) -> None:
    for key in (charge.charge.id, charge.charge.original_id, charge.charge.number):
        api.made(f"/v1/revenue-schedules/subscription-charges/{key}", PLAIN)

    assert len(api.found(charge.path)["revenueSchedules"]) == 3


def test_a_schedule_goes_by_its_number_in_any_case(api: Api, charge: Charge) -> None:
    charge.created()
    assert get(api, "rs-00000001")["number"] == "RS-00000001"


def test_custom_fields_notes_and_times_are_returned(api: Api, charge: Charge) -> None:
    api.settings(time_zone="America/Los_Angeles")
    charge.created(Deal__c={"stage": 2}, deal__c=3, notes="n" * 2000, referenceId="r" * 100)

    found = get(api)
    assert (found["Deal__c"], found["deal__c"]) == ({"stage": 2}, 3)
    assert found["notes"] == "n" * 2000
    assert found["referenceId"] == "r" * 100
    assert found["createdOn"].startswith("2026-01-15 04:00:00.")
    assert found["createdOn"].endswith("000 -08:00")


def test_a_correction_is_a_schedule_of_its_own_and_may_be_negative(
    api: Api, charge: Charge
) -> None:
    parts = [
        {"accountingPeriodName": "Jan'2013", "newAmount": "-10.00"},
        {"accountingPeriodName": "Open-Ended", "newAmount": "-15.50"},
    ]
    charge.created(amount="-25.50", revenueDistributions=parts)

    found = get(api)
    assert found["amount"] == -25.5
    assert found["undistributedUnrecognizedRevenue"] == -15.5


QUIRK = [{"accountingPeriodName": "Open-Ended", "newAmount": "0.00"}]


def test_open_ended_is_part_of_the_sum(charge: Charge) -> None:
    body = {**PLAIN, "amount": "10.01", "revenueDistributions": QUIRK}
    assert charge.refused(body) == (30, WRONG_SUM)


def test_open_ended_is_what_is_left_where_the_entity_says_so(api: Api, charge: Charge) -> None:
    api.settings(open_ended_plug=True)
    charge.created(amount="10.01", revenueDistributions=QUIRK)
    assert get(api)["undistributedUnrecognizedRevenue"] == 10.01

    january = [{"accountingPeriodName": "Jan'2013", "newAmount": "4.01"}]
    charge.created(amount="10.01", revenueDistributions=january)
    assert get(api, "RS-00000002")["undistributedUnrecognizedRevenue"] == 6


def test_open_ended_is_negative_only_where_the_entity_allows_it(api: Api, charge: Charge) -> None:
    parts = [
        {"accountingPeriodName": "Jan'2013", "newAmount": 310},
        {"accountingPeriodName": "Open-Ended", "newAmount": -10},
    ]
    message = "The Open-Ended accounting period cannot have a negative amount."
    assert charge.refused({**PLAIN, "revenueDistributions": parts}) == (30, message)

    api.settings(allow_revenue_schedule_negative_amounts=True)
    charge.created(revenueDistributions=parts)
    assert get(api)["undistributedUnrecognizedRevenue"] == -10


def test_r2_9_3_an_unknown_charge_is_not_found(api: Api) -> None:
    path = "/v1/revenue-schedules/subscription-charges/402892793e173340013e173b81000012"
    for response in (api.post(path, {}), api.get(path)):
        assert response.status_code == 404
        assert response.json()["reasons"][0]["message"] == (
            "Cannot find entity by key: '402892793e173340013e173b81000012'."
        )


TWICE = [{"accountingPeriodName": "Jan'2013", "newAmount": "150"}] * 2
FAULTS: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
    ("5", {"amount": None}, (22, "'amount' may not be null")),
    ("6", {"amount": "ten"}, (20, "'amount' value is invalid")),
    ("7", {"amount": "300.001"}, (20, WRONG_DECIMALS)),
    (
        "8",
        {"revenueScheduleDate": "2013-1-1"},
        (20, "'revenueScheduleDate' value should be in yyyy-mm-dd format"),
    ),
    (
        "10",
        {"revenueDistributions": TWICE},
        (30, "Accounting period 'Jan'2013' is given more than once."),
    ),
    (
        "11",
        {"revenueDistributions": [{"accountingPeriodName": "Foo", "newAmount": "1"}]},
        (20, "Cannot find accounting period 'Foo'."),
    ),
    (
        "13",
        {"revenueDistributions": [{"accountingPeriodName": "Jan'2013"}]},
        (22, "'revenueDistributions.0.newAmount' may not be null"),
    ),
    (
        "14",
        {"revenueDistributions": [{"accountingPeriodName": "Jan'2013", "newAmount": "1"}]},
        (30, WRONG_SUM),
    ),
    (
        "15",
        {"revenueEvent": {"eventType": "Anything"}},
        (22, "'revenueEvent.eventTypeSystemId' may not be null"),
    ),
    (
        "16",
        {"overrideChargeAccountingCodes": True},
        (22, "'recognizedRevenueAccountingCode' may not be null"),
    ),
    ("17", {"notes": "n" * 2001}, (20, "'notes' value should be at most 2000 characters")),
    (
        "17",
        {"referenceId": "r" * 101},
        (20, "'referenceId' value should be at most 100 characters"),
    ),
]


@pytest.mark.parametrize(
    ("row", "changes", "expected"), FAULTS, ids=[f"{f[0]}-{next(iter(f[1]))}" for f in FAULTS]
)
def test_r2_9_each_check_and_the_order_of_checks(
    charge: Charge, row: str, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    """Each fault is found alone, and before all faults of later rows."""
    later: dict[str, Any] = {}
    for other, more, _ in reversed(FAULTS):
        if int(other) > int(row):
            later |= more
    assert charge.refused({**PLAIN, **changes}) == expected
    assert charge.refused({**PLAIN, **later, **changes}) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"amount": True},
        {"amount": ["300"]},
        {"amount": "NaN"},
        {"amount": "1e20"},
        {"amount": ""},
        {"revenueScheduleDate": 20130101},
        {"revenueScheduleDate": "2013-02-30"},
        {"revenueDistributions": {}},
        {"revenueDistributions": ["Jan'2013"]},
        {"revenueDistributions": [{"accountingPeriodName": 1, "newAmount": "300"}]},
        {"revenueEvent": "Revenue Distributed"},
        {"revenueEvent": {"eventType": "x" * 51, "eventTypeSystemId": "x"}},
        {"revenueEvent": {"eventType": "Mine", "eventTypeSystemId": "Mine__z"}},
        {"revenueEvent": {"eventType": "Mine", "eventTypeSystemId": "RevenueDistributed__z"}},
        {"revenueEvent": {"eventType": "A", "eventTypeSystemId": "B", "notes": "n" * 2001}},
        {"notes": 7},
        {"referenceId": {}},
    ],
)
def test_values_that_cannot_be_are_refused(charge: Charge, body: dict[str, Any]) -> None:
    category, _ = charge.refused({**PLAIN, **body})
    assert category == 20


@pytest.mark.parametrize(
    ("label", "system_id"),
    [
        ("Revenue Distributed", "RevenueDistributed__z"),
        ("Credit Memo Posted", "CreditMemoPosted__z"),
        ("Credit Memo Posted", "of-the-client"),
        ("Gift redeemed", "DigitalSubscriptionGiftRedeemed"),
    ],
)
def test_built_in_types_and_defined_ones_are_accepted(
    api: Api, charge: Charge, label: str, system_id: str
) -> None:
    own = {"eventType": "Gift redeemed", "eventTypeSystemId": "DigitalSubscriptionGiftRedeemed"}
    api.made("/v1/settings/finance/revenue-event-types", own)
    charge.created(revenueEvent={"eventType": label, "eventTypeSystemId": system_id})
    event = api.found("/v1/revenue-events/RE-00000001")
    assert (event["eventType"], event["eventTypeSystemId"]) == (label, system_id)


def test_types_that_nobody_defined_are_refused(charge: Charge) -> None:
    unknown = {"eventType": "Gift redeemed", "eventTypeSystemId": "GiftRedeemed"}
    message = "Cannot find revenue event type 'GiftRedeemed'."
    assert charge.refused({**PLAIN, "revenueEvent": unknown}) == (20, message)


def test_the_same_idempotency_key_makes_one_schedule(api: Api, charge: Charge) -> None:
    first = api.made(charge.path, SEED, Idempotency_Key="once")
    assert api.made(charge.path, SEED, Idempotency_Key="once") == first
    assert len(api.found(charge.path)["revenueSchedules"]) == 1
