"""The official client closes a month and takes its journal over (R 12, steps 18 to 20).

The recipe for ERP systems (R 6.4): run the trial balance, close, run the journal, read its entries,
mark each as transferred.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from earned.bootstrap.application import open_application
from earned.bootstrap.first_run import change_settings
from earned.bootstrap.settings import ServerSettings
from earned.domain.tenancy import Entity
from earned.http.serve import background
from tests.api import CLIENT_ID, CLIENT_SECRET, serving
from tests.http.journal import Ledger

# The client is written for an older pydantic than it asks for, and warns of its own strings.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
]

JANUARY, END = "Jan'2013", date(2013, 1, 31)


@pytest.fixture
def periods(founded_database_url: str) -> dict[str, str]:
    """Make the schedule of the seed's sample in January and February; return the periods' ids."""
    with serving(founded_database_url) as api:
        ledger = Ledger(api)
        ledger.schedule("300", {"Jan'2013": "100", "Feb'2013": "200"})
    return ledger.periods


@pytest.fixture
def client(founded_database_url: str, periods: dict[str, str]) -> Iterator[Any]:
    """Lend a signed-in client of a server on a socket."""
    with background(ServerSettings(founded_database_url)) as address:
        configuration = zuora_sdk.Configuration(host=address)
        signed_in = ZuoraClient(CLIENT_ID, CLIENT_SECRET, None, configuration)
        signed_in.initialize()
        yield signed_in.api_client


def run_request(period: str = JANUARY) -> Any:
    revenue = zuora_sdk.CreateJournalRunRequestTransactionType(type="Revenue Event Item")
    return zuora_sdk.CreateJournalRunRequest(
        accounting_period_name=period, journal_entry_date=END, transaction_types=[revenue]
    )


def entry_request(credit: str = "12.50") -> Any:
    items = [
        zuora_sdk.CreateJournalEntryRequestItem(
            accounting_code_name="Deferred Revenue",
            accounting_code_type="DeferredRevenue",
            type="Debit",
            amount="12.50",
        ),
        zuora_sdk.CreateJournalEntryRequestItem(
            accounting_code_name="Subscription Revenue", type="Credit", amount=credit, notes="x"
        ),
    ]
    return zuora_sdk.CreateJournalEntryRequest(
        accounting_period_name=JANUARY,
        currency="USD",
        journal_entry_date=END,
        journal_entry_items=items,
        notes="A correction",
        segments=[
            zuora_sdk.CreateJournalEntryRequestSegment(
                segment_name="Country", segment_value="Chile"
            )
        ],
    )


def reason_of(refusal: pytest.ExceptionInfo[Any]) -> tuple[int, str]:
    (reason,) = json.loads(refusal.value.body)["reasons"]
    return reason["code"], reason["message"]


def test_steps_18_to_20_a_month_goes_to_the_general_ledger(
    client: Any, periods: dict[str, str]
) -> None:
    closing = zuora_sdk.AccountingPeriodsApi(client)
    runs, entries = zuora_sdk.JournalRunsApi(client), zuora_sdk.SummaryJournalEntriesApi(client)

    assert closing.run_trial_balance(periods[JANUARY]).success
    assert closing.get_accounting_period(periods[JANUARY]).run_trial_balance_status == "Completed"
    assert closing.close_accounting_period(periods[JANUARY]).success
    number = runs.create_journal_run(run_request()).journal_run_number
    run = runs.get_journal_run(number)
    listed = entries.get_all_summary_journal_entries(number)

    assert (run.status, run.total_journal_entry_count) == ("Completed", 1)
    assert (run.target_start_date, run.target_end_date) == ("2013-01-01", "2013-01-31")
    (entry,) = listed.journal_entries
    assert [
        (item.type, item.accounting_code_name, item.accounting_code_type, item.amount)
        for item in entry.journal_entry_items
    ] == [
        ("Debit", "Deferred Revenue", "DeferredRevenue", "100.00"),
        ("Credit", "Subscription Revenue", "SalesRevenue", "100.00"),
    ]
    done = zuora_sdk.UpdateBasicSummaryJournalEntryRequest(transferred_to_accounting="Yes")
    assert entries.update_basic_summary_journal_entry(entry.number, done).success
    transferred = entries.get_summary_journal_entry(entry.number)
    assert transferred.transferred_to_accounting == "Yes"
    assert transferred.transfer_date_time
    with pytest.raises(zuora_sdk.ApiException) as refusal:
        entries.cancel_summary_journal_entry(entry.number)
    assert reason_of(refusal) == (
        50000030,
        "A journal entry cannot be cancelled when Transferred to Accounting is Yes.",
    )


def test_step_19_a_run_is_cancelled_and_deleted(client: Any) -> None:
    runs = zuora_sdk.JournalRunsApi(client)
    number = runs.create_journal_run(run_request()).journal_run_number

    assert runs.cancel_journal_run(number).success
    assert runs.get_journal_run(number).status == "Cancelled"
    assert runs.delete_journal_run(number).success
    with pytest.raises(zuora_sdk.ApiException) as refusal:
        runs.get_journal_run(number)
    assert refusal.value.status == 404
    assert reason_of(refusal) == (50000040, f"Cannot find entity by key: '{number}'.")


def test_step_20_an_entry_is_made_by_hand(client: Any) -> None:
    entries = zuora_sdk.SummaryJournalEntriesApi(client)

    number = entries.create_summary_journal_entry(entry_request()).journal_entry_number

    found = entries.get_summary_journal_entry(number)
    assert (found.status, found.notes, found.currency) == ("Created", "A correction", "USD")
    assert found.segments[0].segment_value == "Chile"
    with pytest.raises(zuora_sdk.ApiException) as refusal:
        entries.create_summary_journal_entry(entry_request("12.49"))
    assert reason_of(refusal) == (
        51010030,
        "The sum of debits must be equal to the sum of credits.",
    )
    assert entries.cancel_summary_journal_entry(number).success
    assert entries.delete_summary_journal_entry(number).success


def test_step_20_an_entry_is_reviewed(client: Any, founded_database_url: str) -> None:
    application = open_application(ServerSettings(founded_database_url))
    entity = application.clients.list(Entity)[0]
    change_settings(application, entity, {"review_journal_entries": True})
    application.close()
    entries = zuora_sdk.SummaryJournalEntriesApi(client)
    comment = zuora_sdk.UpdateJournalEntryWorkflowRequest(comment="Wrong amount")
    number = entries.create_summary_journal_entry(entry_request()).journal_entry_number

    assert entries.get_summary_journal_entry(number).status == "Draft"
    assert entries.submit_summary_journal_entry(number).success
    assert entries.reject_summary_journal_entry(number, comment).success
    assert entries.return_summary_journal_entry_to_draft(number).success
    draft = zuora_sdk.UpdateDraftSummaryJournalEntryRequest(**entry_request().to_dict())
    assert entries.update_draft_summary_journal_entry(number, draft).success
    assert entries.submit_summary_journal_entry(number).success
    comment = zuora_sdk.UpdateJournalEntryWorkflowRequest(comment="Agreed")
    assert entries.approve_summary_journal_entry(number, comment).success
    assert entries.get_summary_journal_entry(number).status == "Created"
