"""What a closed period locks, on every write path (R 5, R9).

Every operation that writes says here what it does with closed periods; one that is new has to say
it too. Whatever it is, what a closed period holds does not change.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from earned.domain.permissions import Permission
from earned.http.operation import Operation, Write
from earned.http.table import OPERATIONS
from tests.api import Api
from tests.http import closed_billing, closed_requests
from tests.http.billing import INVOICES
from tests.http.closed import Does, Request, World, without
from tests.http.closed_requests import ASKING, JAN
from tests.http.journal import PERIODS
from tests.http.samples import fill

STATEMENTS: Mapping[str, Does] = {
    "createAccount": Does.NOTHING,
    "createBillingPreview": Does.NOTHING,
    "updateAccount": Does.NOTHING,
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
    "POST_CollectRevenue": Does.PASSES,
    "POST_ExpireFunds": Does.PASSES,
    "POST_Rollover": Does.NOTHING,
    "POST_ReverseRollover": Does.NOTHING,
    "DepleteFunds": Does.PASSES,
    "POST_Threshold": Does.NOTHING,
    "PUT_Threshold": Does.NOTHING,
    "DELETE_Threshold": Does.NOTHING,
    "POST_ResendDelivery": Does.NOTHING,
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
    "updateBillingRules": Does.NOTHING,
    "updateCurrency": Does.NOTHING,
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
    "POST_RSforInvoiceItem_ManualDistribution": Does.REFUSES,
    "POST_RSforInvoiceItem_DistributeByDateRange": Does.PASSES,
    "POST_RSforInvoiceItemAdjustment_ManualDistribution": Does.REFUSES,
    "POST_RSforInvoiceItemAdjustment_DistributeByDateRange": Does.PASSES,
    "POST_RSforCreditMemoItem_ManualDistribution": Does.REFUSES,
    "POST_RSforCreditMemoItem_DistributeByDateRange": Does.PASSES,
    "POST_RSforDebitMemoItem_ManualDistribution": Does.REFUSES,
    "POST_RSforDebitMemoItem_DistributeByDateRange": Does.PASSES,
    "POST_StandaloneInvoice": Does.REFUSES,
    "PUT_PostInvoice": Does.REFUSES,
    "PUT_CancelInvoice": Does.REFUSES,
    "DELETE_Invoice": Does.REFUSES,
    "POST_CreditMemoFromPrpc": Does.REFUSES,
    "POST_CreditMemoFromInvoice": Does.REFUSES,
    "PUT_PostCreditMemo": Does.REFUSES,
    "PUT_CancelCreditMemo": Does.REFUSES,
    "DELETE_CreditMemo": Does.REFUSES,
    "POST_DebitMemoFromPrpc": Does.REFUSES,
    "POST_DebitMemoFromInvoice": Does.REFUSES,
    "PUT_PostDebitMemo": Does.REFUSES,
    "PUT_CancelDebitMemo": Does.REFUSES,
    "DELETE_DebitMemo": Does.REFUSES,
    "Object_POSTInvoiceItemAdjustment": Does.REFUSES,
    "Object_PUTInvoiceItemAdjustment": Does.REFUSES,
    "createBillRun": Does.REFUSES,
    "postBillRun": Does.REFUSES,
    "cancelBillRun": Does.REFUSES,
    "deleteBillRun": Does.NOTHING,
    "generateBillingDocuments": Does.REFUSES,
    "createOrder": Does.ASKS,
    "previewOrder": Does.ASKS,
    "deleteOrder": Does.ASKS,
    "renewSubscription": Does.ASKS,
    "updateSubscription": Does.ASKS,
    "cancelSubscription": Does.ASKS,
    "createSubscription": Does.ASKS,
    "createUsage": Does.ASKS,
    "updateUsage": Does.ASKS,
    "deleteUsage": Does.ASKS,
    "Object_POSTImport": Does.NOTHING,  # As `uploadUsageFile`.
    "uploadUsageFile": Does.NOTHING,  # Its import asks: `test_usage_upload_refusals.py`.
    "POST_GenerateRevRecEventsForDailyConsumption": Does.PASSES,
    "Action_POSTcreate": Does.FORWARDS,
    "Action_POSTupdate": Does.FORWARDS,
    "Action_POSTdelete": Does.FORWARDS,
    "Action_POSTquery": Does.NOTHING,
    "Action_POSTqueryMore": Does.NOTHING,
}

WRITES = [operation for operation in OPERATIONS if isinstance(operation.work, Write)]


@pytest.mark.parametrize("operation", WRITES, ids=lambda row: row.id)
def test_every_write_says_what_it_does_with_closed_periods(operation: Operation) -> None:
    assert operation.id in STATEMENTS, f"say in STATEMENTS what {operation.id} does"


def test_nothing_is_said_of_an_operation_that_is_not_there() -> None:
    assert set(STATEMENTS) - {operation.id for operation in WRITES} == set()


Close = Callable[[Api], World]


@dataclass(frozen=True)
class Tried:
    """Books to close, and what is tried on them then."""

    close: Close
    refused: Sequence[Request]
    passing: Sequence[Request]


TRIED = {
    "revenue": Tried(
        closed_requests.close_january, closed_requests.REFUSED, closed_requests.PASSING
    ),
    "billing": Tried(closed_billing.close_january, closed_billing.REFUSED, closed_billing.PASSING),
}


@pytest.fixture(params=TRIED)
def tried(request: pytest.FixtureRequest) -> Tried:
    return TRIED[request.param]


@pytest.mark.parametrize("does", [Does.REFUSES, Does.ASKS, Does.PASSES])
def test_every_operation_that_does_something_with_closed_periods_is_tried(does: Does) -> None:
    requests = [*ASKING, *closed_billing.PENDING]
    for one in TRIED.values():
        requests += [*one.refused, *one.passing]
    names = {request.operation for request in requests}

    assert {name for name, said in STATEMENTS.items() if said is does} - names == set()


def test_what_refuses_a_closed_period_says_so_and_changes_nothing(api: Api, tried: Tried) -> None:
    world = tried.close(api)
    before = world.holds()

    for request in tried.refused:
        world.refuses(request)

    assert world.holds() == before


def test_what_asks_the_accounting_rules_is_refused_where_they_say_no(api: Api) -> None:
    world = closed_requests.close_january(api)
    before = world.holds()
    api.settings(allow_creation_in_closed_period=False, allow_usage_in_closed_period=False)

    for request in ASKING:
        world.refuses(request)

    assert world.holds() == before


def test_one_of_many_objects_is_refused_as_it_would_be_alone(api: Api) -> None:
    world = closed_requests.close_january(api)
    before = world.holds()
    api.settings(allow_usage_in_closed_period=False)
    closed = next(request for request in ASKING if request.operation == "createUsage")
    assert closed.body
    usage = closed.body(world.keys)
    calls = {
        "create": {"type": "Usage", "objects": [usage]},
        "update": {"type": "Usage", "objects": [{"Id": world.keys["usage"], "Quantity": 2000}]},
        "delete": {"type": "Usage", "ids": [world.keys["usage"]]},
    }

    answers = {call: api.post(f"/v1/action/{call}", body) for call, body in calls.items()}

    for call, answer in answers.items():
        (result,) = answer.json()
        assert (result.get("Success", result.get("success")), call) == (False, call)
        assert "ACCOUNTING_PERIOD_CLOSED" in answer.text
    assert world.holds() == before


def test_what_is_let_in_never_changes_what_a_closed_period_holds(api: Api, tried: Tried) -> None:
    """Each in turn, and in the end the next period closes with all that came of it."""
    world = tried.close(api)
    before = world.holds()
    asking = ASKING if tried is TRIED["revenue"] else ()

    for request in (*tried.passing, *asking):
        response = world.send(request)

        assert response.status_code == 200, (request, response.text)
        assert response.json().get("success", True), response.text
        assert world.holds() == before, request
    if "later" in world.keys:  # Drafts are in the way of a close.
        assert api.delete(f"{INVOICES}/{world.keys['later']}").json()["success"] is True
    periods = api.found(PERIODS)["accountingPeriods"]
    assert api.put(f"{PERIODS}/{periods[1]['id']}/close").json() == {"success": True}
    assert world.holds() == before


def test_documents_are_left_alone_in_pending_close_by_who_does_not_manage_the_close(
    api: Api,
) -> None:
    world = closed_billing.close_january(api, "pending-close")
    colleague = without(api, Permission.MANAGE_CLOSE_PROCESS)
    before = world.holds()

    for request in (*closed_billing.REFUSED, *closed_billing.PENDING):
        world.refuses(request, **colleague)

    assert world.holds() == before
    for request in closed_billing.PENDING:
        assert world.send(request).json()["success"] is True


def test_whatever_has_no_date_never_changes_what_a_closed_period_holds(api: Api) -> None:
    requests, _ = fill(api)
    world = World(api, JAN, {})
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
        api.request(operation.method, path, request.body)
        assert world.holds() == before, operation.id
