"""What a closed period locks, on every write path (R 5, R9).

Every operation that writes says here what it does with closed periods; one that is new has to say
it too. Whatever it is, what a closed period holds does not change.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from earned.http.operation import Operation, Write
from earned.http.table import OPERATIONS
from tests import builders
from tests.api import Api
from tests.http.by_hand import new_amounts
from tests.http.journal import ENTRIES, PERIODS, item
from tests.http.samples import TERMS, fill
from tests.periods import define_months

JAN, FEB = "Jan'2026", "Feb'2026"
SCHEDULES = "/v1/revenue-schedules"


class Does(Enum):
    """What an operation does with a closed period."""

    NOTHING = "it has no date and moves no amount"
    REFUSES = "it is refused where its date, or an amount of it, lies in a closed period"
    ASKS = "an accounting rule says whether it may be dated in a closed period; its revenue may not"
    PASSES = "what it books for a closed period goes to the next open one"
    DECIDES = "it says which periods are closed"
    POSTS = "it posts what a closed period holds, and changes none of that"


STATEMENTS: Mapping[str, Does] = {
    "createAccount": Does.NOTHING,
    "POST_RSforSubscCharge": Does.REFUSES,
    "DELETE_RS": Does.REFUSES,
    "PUT_RSBasicInfo": Does.NOTHING,
    "POST_RevenueEventType": Does.NOTHING,
    "PUT_RevenueEventType": Does.NOTHING,
    "PUT_RevenueAcrossAP": Does.REFUSES,
    "PUT_RevenueSpecificDate": Does.PASSES,
    "PUT_RevenueByRecognitionStartandEndDates": Does.PASSES,
    "PUT_CustomFieldsonRevenueItemsByRevenueSchedule": Does.NOTHING,
    "PUT_CustomFieldsonRevenueItemsByRevenueEvent": Does.NOTHING,
    "createRevenueRecognitionRule": Does.NOTHING,
    "updateRevenueRecognitionRule": Does.NOTHING,
    "activateRevenueRecognitionRule": Does.NOTHING,
    "deactivateRevenueRecognitionRule": Does.NOTHING,
    "deleteRevenueRecognitionRule": Does.NOTHING,
    "PUT_RevenueAutomationStartDate": Does.NOTHING,
    "createUnitOfMeasure": Does.NOTHING,
    "updateUnitOfMeasure": Does.NOTHING,
    "deleteUnitOfMeasure": Does.NOTHING,
    "createProduct": Does.NOTHING,
    "updateProduct": Does.NOTHING,
    "deleteProduct": Does.NOTHING,
    "createProductRatePlan": Does.NOTHING,
    "updateProductRatePlan": Does.NOTHING,
    "deleteProductRatePlan": Does.NOTHING,
    "createProductRatePlanCharge": Does.NOTHING,
    "updateProductRatePlanCharge": Does.NOTHING,
    "deleteProductRatePlanCharge": Does.NOTHING,
    "createAccountingCode": Does.NOTHING,
    "updateAccountingCode": Does.NOTHING,
    "activateAccountingCode": Does.NOTHING,
    "deactivateAccountingCode": Does.NOTHING,
    "deleteAccountingCode": Does.NOTHING,
    "createAccountingPeriod": Does.PASSES,
    "updateAccountingPeriod": Does.REFUSES,
    "deleteAccountingPeriod": Does.REFUSES,
    "pendingCloseAccountingPeriod": Does.DECIDES,
    "closeAccountingPeriod": Does.DECIDES,
    "reopenAccountingPeriod": Does.DECIDES,
    "runTrialBalance": Does.REFUSES,
    "Post_ProcessSettingsBatchRequest": Does.NOTHING,
    "updateAccountingRules": Does.NOTHING,
    "createJournalRun": Does.POSTS,
    "cancelJournalRun": Does.POSTS,
    "deleteJournalRun": Does.POSTS,
    "createSummaryJournalEntry": Does.REFUSES,
    "updateDraftSummaryJournalEntry": Does.REFUSES,
    "updateBasicSummaryJournalEntry": Does.NOTHING,
    "cancelSummaryJournalEntry": Does.REFUSES,
    "submitSummaryJournalEntry": Does.NOTHING,
    "approveSummaryJournalEntry": Does.REFUSES,
    "rejectSummaryJournalEntry": Does.NOTHING,
    "returnSummaryJournalEntryToDraft": Does.NOTHING,
    "deleteSummaryJournalEntry": Does.NOTHING,
    "createOrder": Does.ASKS,
    "createSubscription": Does.ASKS,
    "createUsage": Does.ASKS,
    "updateUsage": Does.ASKS,
    "deleteUsage": Does.ASKS,
    "POST_GenerateRevRecEventsForDailyConsumption": Does.PASSES,
}

WRITES = [operation for operation in OPERATIONS if isinstance(operation.work, Write)]


@pytest.mark.parametrize("operation", WRITES, ids=lambda row: row.id)
def test_every_write_says_what_it_does_with_closed_periods(operation: Operation) -> None:
    assert operation.id in STATEMENTS, f"say in STATEMENTS what {operation.id} does"


def test_nothing_is_said_of_an_operation_that_is_not_there() -> None:
    assert set(STATEMENTS) - {operation.id for operation in WRITES} == set()


@dataclass(frozen=True)
class World:
    """Books whose January is closed: a fund, schedules made by hand, usage, journal entries.

    `keys` are ids and numbers by what they are called in the requests below.
    """

    api: Api
    keys: Mapping[str, str]

    def send(self, request: "Request") -> Any:
        path = request.path.format(**self.keys)
        body = request.body(self.keys) if request.body else None
        return self.api.request(request.method, path, body)

    def holds(self) -> object:
        """Return all that the closed period holds, and each distribution item in it."""
        with builders.writing(self.api) as books:
            january = books.periods.find(name=JAN)
            assert january
            return (
                books.items.list(period_id=january.id, order_by=["schedule_id"]),
                books.distribution_items.list(period_id=january.id, order_by=["distribution_id"]),
                books.trial_balances.list(period_id=january.id, order_by=["id"]),
            )


@pytest.fixture
def world(api: Api) -> World:
    with builders.writing(api) as books:
        plan, project = builders.prepaid_plan(books), builders.rate_plan(books, "Project")
        builders.unlimited_charge(books, project)
        customer = builders.account(books)
        sold = builders.sell(books, customer, plan, project)
        january, *_ = define_months(books, 2026, 1, 2, 3)
        keys = {"account": customer.number, "plan": plan.id, "charge": sold.charge("Project").id}
        keys |= {"prepayment": sold.charge("Prepayment").original_id, "january": january.id}
    record = _usage(keys)
    keys["usage"] = api.made("/v1/object/usage", record)["Id"]
    keys["late"] = api.made("/v1/object/usage", {**record, "StartDateTime": "2026-02-10"})["Id"]
    spread = new_amounts({JAN: "100", FEB: "150", "Open-Ended": "50"})
    schedule = {"amount": "300", "revenueScheduleDate": "2026-01-01"}
    path = f"{SCHEDULES}/subscription-charges/{keys['charge']}"
    made = api.made(path, {**schedule, "revenueDistributions": spread})
    keys["schedule"] = made["revenueScheduleNumber"]
    _enter_journal(api, keys)
    assert api.put(f"{PERIODS}/{january.id}/close").json() == {"success": True}
    return World(api, keys)


def _enter_journal(api: Api, keys: dict[str, str]) -> None:
    """Make an entry in force, a draft and one in review, all of January."""
    for name, kind in (("Deferred", "DeferredRevenue"), ("Revenue", "SalesRevenue")):
        api.made("/v1/accounting-codes", {"name": name, "type": kind})
    keys["entry"] = api.made(ENTRIES, _entry(keys))["journalEntryNumber"]
    api.settings(review_journal_entries=True)
    for name in ("draft", "submitted"):
        keys[name] = api.made(ENTRIES, _entry(keys))["journalEntryNumber"]
    submitted = api.put(f"{ENTRIES}/{keys['submitted']}/submit-for-review")
    assert submitted.json()["success"] is True


def _entry(keys: Mapping[str, str]) -> dict[str, Any]:
    del keys
    return {
        "accountingPeriodName": JAN,
        "currency": "USD",
        "journalEntryDate": "2026-01-31",
        "journalEntryItems": [item("Debit", "Deferred", 7), item("Credit", "Revenue", 7)],
    }


def _usage(keys: Mapping[str, str]) -> dict[str, Any]:
    return {
        "AccountNumber": keys["account"],
        "UOM": "Token",
        "Quantity": 1000,
        "StartDateTime": "2026-01-10T10:00:00Z",
    }


def _order(keys: Mapping[str, str]) -> dict[str, Any]:
    plans = [{"productRatePlanId": keys["plan"]}]
    action = {
        "type": "CreateSubscription",
        "triggerDates": [{"name": "ContractEffective", "triggerDate": "2026-01-15"}],
        "createSubscription": {"terms": TERMS, "subscribeToRatePlans": plans},
    }
    return {
        "orderDate": "2026-01-15",
        "existingAccountNumber": keys["account"],
        "subscriptions": [{"orderActions": [action]}],
    }


def _subscription(keys: Mapping[str, str]) -> dict[str, Any]:
    return {
        "accountKey": keys["account"],
        "contractEffectiveDate": "2026-01-15",
        "termType": "TERMED",
        "initialTerm": 3,
        "subscribeToRatePlans": [{"productRatePlanId": keys["plan"]}],
    }


@dataclass(frozen=True)
class Request:
    """A request that touches the closed period, and how it is refused, if it is."""

    operation: str
    method: str
    path: str
    body: Callable[[Mapping[str, str]], dict[str, Any]] | None = None
    refusal: str = ""


def constant(**body: Any) -> Callable[[Mapping[str, str]], dict[str, Any]]:
    return lambda _: body


ONE = SCHEDULES + "/{schedule}"
CLOSED_ENTRY = f"Journal entries cannot be changed by hand in closed accounting period '{JAN}'."
INTO_CLOSED = f"Revenue cannot be distributed into closed accounting period '{JAN}'."
REFUSED = (
    Request(
        "POST_RSforSubscCharge",
        "POST",
        SCHEDULES + "/subscription-charges/{charge}",
        constant(amount="300", revenueScheduleDate="2026-01-31"),
        "Revenue schedule date cannot be in a closed accounting period.",
    ),
    Request(
        "POST_RSforSubscCharge",
        "POST",
        SCHEDULES + "/subscription-charges/{charge}",
        constant(
            amount="300",
            revenueScheduleDate="2026-02-01",
            revenueDistributions=new_amounts({JAN: "300"}),
        ),
        INTO_CLOSED,
    ),
    Request(
        "DELETE_RS",
        "DELETE",
        ONE,
        refusal="A revenue schedule with revenue in a closed accounting period cannot be deleted:"
        f" 100.00 in '{JAN}'.",
    ),
    Request(
        "PUT_RevenueAcrossAP",
        "PUT",
        ONE + "/distribute-revenue-across-accounting-periods",
        constant(revenueDistributions=new_amounts({JAN: "0", FEB: "250"})),
        INTO_CLOSED,
    ),
    Request(
        "updateAccountingPeriod",
        "PUT",
        PERIODS + "/{january}",
        constant(endDate="2026-01-30"),
        "The dates of an accounting period can be changed only while it is open.",
    ),
    Request(
        "deleteAccountingPeriod",
        "DELETE",
        PERIODS + "/{january}",
        refusal="Only the most recent accounting period can be deleted.",
    ),
    Request(
        "runTrialBalance",
        "PUT",
        PERIODS + "/{january}/run-trial-balance",
        refusal="The accounting period must be open to run a trial balance.",
    ),
    Request("createSummaryJournalEntry", "POST", ENTRIES, _entry, CLOSED_ENTRY),
    Request("updateDraftSummaryJournalEntry", "PUT", ENTRIES + "/{draft}", _entry, CLOSED_ENTRY),
    Request("cancelSummaryJournalEntry", "PUT", ENTRIES + "/{entry}/cancel", refusal=CLOSED_ENTRY),
    Request(
        "approveSummaryJournalEntry",
        "PUT",
        ENTRIES + "/{submitted}/approve",
        refusal=CLOSED_ENTRY,
    ),
)
ORDER_CLOSED = "The order date cannot be in a closed accounting period."
SUBSCRIPTION_CLOSED = "The contract effective date cannot be in a closed accounting period."
USAGE_CLOSED = "Usage cannot be imported into a closed accounting period"
ASKING = (
    Request("createOrder", "POST", "/v1/orders", _order, ORDER_CLOSED),
    Request("createSubscription", "POST", "/v1/subscriptions", _subscription, SUBSCRIPTION_CLOSED),
    Request("createUsage", "POST", "/v1/object/usage", _usage, USAGE_CLOSED),
    Request(
        "updateUsage",
        "PUT",
        "/v1/object/usage/{late}",
        constant(StartDateTime="2026-01-10"),
        USAGE_CLOSED,
    ),
    Request(
        "updateUsage", "PUT", "/v1/object/usage/{usage}", constant(Quantity=2000), USAGE_CLOSED
    ),
    Request("deleteUsage", "DELETE", "/v1/object/usage/{usage}", refusal=USAGE_CLOSED),
)
PASSING = (
    Request(
        "PUT_RevenueSpecificDate",
        "PUT",
        ONE + "/distribute-revenue-on-specific-date",
        constant(
            distributeOn="2026-01-31",
            distributionType="specific date (delta fixed amount)",
            amount="10",
        ),
    ),
    Request(
        "PUT_RevenueByRecognitionStartandEndDates",
        "PUT",
        ONE + "/distribute-revenue-with-date-range",
        constant(
            recognitionStart="2026-01-01",
            recognitionEnd="2026-03-31",
            distributionType="Daily Distribution",
        ),
    ),
    Request(
        "createAccountingPeriod",
        "POST",
        PERIODS,
        constant(name="Apr", startDate="2026-04-01", endDate="2026-04-30", fiscalYear=2026),
    ),
    Request(
        "POST_GenerateRevRecEventsForDailyConsumption",
        "POST",
        "/v1/uno-regenerate/rev-rec-events/daily-consumption?forRevenueRecollect=true",
        lambda keys: {"originalChargeId": keys["prepayment"]},
    ),
    Request(
        "createJournalRun",
        "POST",
        "/v1/journal-runs",
        constant(accountingPeriodName=JAN, transactionTypes=[{"type": "Revenue Event Item"}]),
    ),
)


@pytest.mark.parametrize("does", [Does.REFUSES, Does.ASKS, Does.PASSES])
def test_every_dated_operation_is_tried_below(does: Does) -> None:
    tried = {request.operation for request in (*REFUSED, *ASKING, *PASSING)}

    assert {name for name, said in STATEMENTS.items() if said is does} <= tried


def refusals(answer: Any) -> Iterator[str]:
    """Yield the messages of a refusal in either dialect."""
    for reason in answer.get("reasons", ()):
        yield reason["message"]
    for error in answer.get("Errors", ()):
        assert error["Code"] == "ACCOUNTING_PERIOD_CLOSED"
        yield error["Message"]


def test_what_refuses_a_closed_period_says_so_and_changes_nothing(world: World) -> None:
    before = world.holds()

    for request in REFUSED:
        response = world.send(request)

        assert response.status_code == 400, (request, response.text)
        assert list(refusals(response.json())) == [request.refusal]
    assert world.holds() == before


def test_what_asks_the_accounting_rules_is_refused_where_they_say_no(world: World) -> None:
    before = world.holds()
    world.api.settings(allow_creation_in_closed_period=False, allow_usage_in_closed_period=False)

    for request in ASKING:
        response = world.send(request)

        assert response.status_code == 400, (request, response.text)
        assert list(refusals(response.json())) == [request.refusal]
    assert world.holds() == before


def test_what_is_let_in_never_changes_what_a_closed_period_holds(world: World) -> None:
    """Each in turn, and in the end the next period closes with all that came of it."""
    before = world.holds()

    for request in (*PASSING, *ASKING):
        response = world.send(request)

        assert response.status_code == 200, (request, response.text)
        assert world.holds() == before, request
    periods = world.api.found(PERIODS)["accountingPeriods"]
    assert world.api.put(f"{PERIODS}/{periods[1]['id']}/close").json() == {"success": True}
    assert world.holds() == before


def test_whatever_has_no_date_never_changes_what_a_closed_period_holds(api: Api) -> None:
    requests, _ = fill(api)
    world = World(api, {})
    january = next(
        period for period in api.found(PERIODS)["accountingPeriods"] if period["name"] == JAN
    )
    assert api.put(f"{PERIODS}/{january['id']}/close").json() == {"success": True}
    before = world.holds()

    for operation in WRITES:
        request = requests.get(operation.id)
        if request is None or STATEMENTS.get(operation.id) is not Does.NOTHING:
            continue
        path = "/".join(
            request.key if part.startswith("{") else part for part in operation.path.split("/")
        )
        world.api.request(operation.method, path, request.body)
        assert world.holds() == before, operation.id
