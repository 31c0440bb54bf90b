"""Invoices, memos, bill runs and journals by object query: one table, several objects."""

from typing import Any

import pytest

from earned.bootstrap.first_run import add_client
from earned.domain.billing import AdjustmentStatus, AdjustmentType, DocumentKind
from earned.domain.journal import EntryStatus
from earned.domain.tenancy import Entity, Organization
from tests import builders
from tests.api import QUICK, Api, sign_in
from tests.asking import ask, names
from tests.booked import adjust, document, journalize, run_billing

INVOICE, CREDIT, DEBIT = DocumentKind.INVOICE, DocumentKind.CREDIT_MEMO, DocumentKind.DEBIT_MEMO


@pytest.fixture
def billed(api: Api) -> builders.Sold:
    """Bill 30.00 on a charge less 2.00, 5.005 KWD of no charge, and a memo of each kind."""
    with builders.writing(api) as books:
        customer = builders.account(books)
        sold = builders.sell(books, customer, builders.prepaid_plan(books), months=1)
        charge = sold.charge("Prepayment")
        item = document(
            books,
            customer.id,
            INVOICE,
            30_00,
            charge_id=charge.original_id,
            charge_segment=1,
            original_subscription_id=charge.original_subscription_id,
        )
        adjust(books, item, 3_00)
        adjust(books, item, 1_00, AdjustmentType.CHARGE)
        canceled: dict[str, Any] = {"canceled_at": books.now, "canceled_by": "x"}
        canceled |= {"status": AdjustmentStatus.CANCELED, "reversal_id": books.new_id()}
        adjust(books, item, 9_00, **canceled)
        document(books, customer.id, INVOICE, 5005, "KWD")
        document(books, customer.id, CREDIT, 5_00, source_item_id=item.id)
        document(books, customer.id, DEBIT, 7_00)
    return sold


def test_each_kind_of_document_is_an_object_of_its_own(api: Api, billed: builders.Sold) -> None:
    assert names(ask(api, "invoices"), "invoiceNumber") == ["INV-00000001", "INV-00000002"]
    (credit,) = ask(api, "credit-memos")["data"]
    (debit,) = ask(api, "debit-memos")["data"]

    assert (credit["memoNumber"], credit["totalAmount"], credit["balance"]) == ("CM-00000001", 5, 5)
    assert (debit["memoNumber"], debit["totalAmount"], debit["memoDate"]) == (
        "DM-00000001",
        7,
        "2026-01-20",
    )
    assert ask(api, "credit-memos/CM-00000001") == credit
    for path in ("invoices/CM-00000001", f"invoices/{credit['id']}", f"debit-memos/{credit['id']}"):
        assert api.get(f"/object-query/{path}").status_code == 404
    assert [len(ask(api, f"{kind}-items")["data"]) for kind in ("invoice", "debit-memo")] == [2, 1]
    del billed


def test_amounts_are_those_of_the_currency_of_the_document(api: Api, billed: builders.Sold) -> None:
    first, second = ask(api, "invoices")["data"]

    assert (first["amount"], first["adjustmentAmount"], first["balance"]) == (30, -2, 28)
    assert (second["amount"], second["currency"], second["taxAmount"]) == (5.005, "KWD", 0)
    for path, condition, found in (
        ("invoices", "balance.EQ:28", "USD"),
        ("invoices", "balance.LT:28", "KWD"),
    ):
        answer = ask(api, path, ("filter[]", condition))
        assert names(answer, "currency") == [found]
    items = ask(api, "invoice-items", ("sort[]", "chargeamount.ASC"))
    assert names(items, "chargeAmount") == [5.005, 30]
    assert names(ask(api, "invoice-items", ("filter[]", "chargeamount.LT:6"))) == [None]
    del billed


def test_documents_lead_to_what_they_bill_and_back(api: Api, billed: builders.Sold) -> None:
    path = ("expand[]", "invoices.invoiceitems.rateplancharge,creditmemos.creditmemoitems")
    found = ask(api, "accounts", path)["data"][0]

    (item,) = found["invoices"][0]["invoiceItems"]
    assert item["ratePlanCharge"]["id"] == billed.charge("Prepayment").id
    assert item["chargeNumber"] == billed.charge("Prepayment").number
    assert item["subscriptionNumber"] == billed.subscription.number
    assert item["sourceItemType"] == "SubscriptionComponent"
    (credited,) = found["creditMemos"][0]["creditMemoItems"]
    assert (credited["invoiceItemId"], credited["sourceItemType"]) == (item["id"], "InvoiceDetail")
    back = ask(api, f"subscriptions/{billed.subscription.number}", ("expand[]", "invoiceitems"))
    assert names({"data": back["invoiceItems"]}, "id") == [item["id"]]
    lead = ("expand[]", "invoice.account,subscription")
    once = ask(api, f"invoice-items/{item['id']}", lead)
    assert once["invoice"]["account"]["id"] == found["id"]
    assert once["subscription"]["id"] == billed.subscription.id


def test_items_of_journal_entries_have_ids_of_their_own(api: Api) -> None:
    with builders.writing(api) as books:
        first, second = journalize(books), journalize(books)
        books.entries.change(second, deleted=True, status=EntryStatus.CANCELLED)
    items = ask(api, "journal-entry-items")["data"]

    assert [(one["type"], one["amount"]) for one in items] == [("Debit", 10), ("Credit", 10)]
    assert ask(api, f"journal-entry-items/{items[1]['id']}") == items[1]
    page = ask(api, "journal-entry-items", ("pageSize", 1))
    assert ask(api, "journal-entry-items", ("cursor", page["nextPage"]))["data"] == items[1:]
    run = ask(api, "journal-runs", ("expand[]", "journalentries.journalentryitems"))["data"][0]
    (entry,) = run["journalEntries"]
    assert (entry["id"], entry["journalEntryItems"]) == (first.id, items)


def test_items_of_schedules_have_ids_of_their_own(api: Api, billed: builders.Sold) -> None:
    expanded = ("expand[]", "revenuescheduleitems.accountingperiod")
    (schedule,) = ask(api, "revenue-schedules", expanded)["data"]
    (item,) = schedule["revenueScheduleItems"]

    assert item["accountingPeriod"]["name"] == item["accountingPeriodName"] == "Open-Ended"
    assert (item["amount"], item["accountId"]) == (schedule["amount"], schedule["accountId"])
    assert ask(api, f"revenue-schedule-items/{item['id']}")["revenueScheduleId"] == schedule["id"]
    del billed


def test_a_bill_run_is_asked_for_under_either_name(api: Api) -> None:
    with builders.writing(api) as books:
        made = run_billing(books)
    run = ask(api, "billing-runs/BR-00000001")

    assert (run["id"], run["batches"], run["chargeTypeToExclude"]) == (
        made.id,
        "AllBatches",
        "Usage",
    )
    assert run["errorMessage"] == "Not to be billed."
    statement = "select BillRunNumber from BillRun where TargetDate = '2026-02-01'"
    answer = api.post("/v1/action/query", {"queryString": statement}).json()
    assert answer["records"] == [{"Id": made.id, "BillRunNumber": "BR-00000001"}]


def test_documents_and_runs_of_other_organisations_are_not_seen(api: Api) -> None:
    entity = api.application.clients.list(Entity)[0]
    parts = [
        Organization(id=api.application.database.new_id(), entity_id=entity.id, name=name)
        for name in ("North", "South")
    ]
    api.application.clients.add(*parts)
    mine: list[Any] = []
    with builders.writing(api) as books:
        for part in parts:
            customer = builders.account(books, organization_id=part.id)
            item = document(books, customer.id, INVOICE, 30_00)
            run = run_billing(books, organization_ids=(part.id,))
            mine.append((item.document_id, item.id, adjust(books, item, 1_00).id, run.id))
        run_billing(books)
    client = add_client(
        api.application,
        entity.tenant_id,
        (entity.id,),
        "secret",
        organization_ids=(parts[0].id,),
        secret_cost=QUICK,
    )
    api.headers |= sign_in(api.http, client.id, "secret")

    paths = ("invoices", "invoice-items", "invoice-item-adjustments", "billing-runs")
    assert [names(ask(api, path), "id") for path in paths] == [[one] for one in mine[0]]
    for path, other in zip(paths, mine[1], strict=True):
        assert api.get(f"/object-query/{path}/{other}").status_code == 404
