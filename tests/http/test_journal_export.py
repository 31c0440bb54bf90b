"""Journal entries as files, over the wire."""

from typing import Any

import pytest

from tests.api import Api
from tests.http.by_hand import refusal
from tests.http.journal import ENTRIES, RUNS, Ledger

CSV = (
    "journalRun,journalEntry,journalEntryDate,accountingPeriod,transactionType,currency,"
    "accountingCode,accountingCodeType,glAccountNumber,glAccountName,debit,credit,"
    "transferredToAccounting,notes,glString,segments\r\n"
)
NETSUITE = "External ID,Date,Currency,Memo,Account,Debit,Credit,Line Memo\r\n"
IIF = (
    "!TRNS\tTRNSTYPE\tDATE\tACCNT\tAMOUNT\tDOCNUM\tMEMO\r\n"
    "!SPL\tTRNSTYPE\tDATE\tACCNT\tAMOUNT\tDOCNUM\tMEMO\r\n"
    "!ENDTRNS\r\n"
)


@pytest.fixture
def ledger(api: Api) -> Ledger:
    """Journal yen (1) and dollars (2) of January; revenue has an account in the general ledger."""
    ledger = Ledger(api)
    ledger.code("Services", "SalesRevenue", glAccountName="4000 Sales", glAccountNumber="4000")
    code = {"recognizedRevenueAccountingCode": "Services"}
    ledger.schedule("100.5", {"Jan'2013": "100.5"}, **code)
    ledger.schedule("-7000", {"Jan'2013": "-7000"}, "JPY", **code)
    ledger.run()
    return ledger


def export(ledger: Ledger, query: str = "") -> Any:
    response = ledger.api.get(f"{RUNS}/JR-00000001/export{query}")
    assert response.status_code == 200, response.text
    return response


def test_a_run_is_exported_as_csv(ledger: Ledger) -> None:
    response = export(ledger)

    facts = "JR-00000001,JE-0000000{},2013-01-31,Jan'2013,Revenue Event Item,{}"
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="JR-00000001.csv"'
    assert response.text == (
        f"{CSV}"
        f"{facts.format(1, 'JPY')},Services,SalesRevenue,4000,4000 Sales,7000,,No,,,\r\n"
        f"{facts.format(1, 'JPY')},Deferred Revenue,DeferredRevenue,,,,7000,No,,,\r\n"
        f"{facts.format(2, 'USD')},Deferred Revenue,DeferredRevenue,,,100.50,,No,,,\r\n"
        f"{facts.format(2, 'USD')},Services,SalesRevenue,4000,4000 Sales,,100.50,No,,,\r\n"
    )
    assert export(ledger, "?format=csv&currency=JPY").text == "".join(
        response.text.splitlines(keepends=True)[:3]
    )


def test_a_run_is_exported_for_quickbooks_one_currency_at_a_time(ledger: Ledger) -> None:
    response = export(ledger, "?format=iif&currency=USD")

    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="JR-00000001.iif"'
    said = "GENERAL JOURNAL\t01/31/2013\t{}\tJE-00000002\tRevenue Event Item Jan'2013\r\n"
    assert response.text == (
        f"{IIF}"
        f"TRNS\t{said.format('Deferred Revenue	100.50')}"
        f"SPL\t{said.format('4000 Sales	-100.50')}"
        "ENDTRNS\r\n"
    )
    assert refusal(ledger.api, "GET", f"{RUNS}/JR-00000001/export?format=iif") == (
        50000030,
        "An IIF file has no currency: choose one of the currencies of the journal entries.",
    )


def test_a_run_is_exported_for_netsuite(ledger: Ledger) -> None:
    response = export(ledger, "?format=netsuite")

    assert response.headers["content-disposition"] == (
        'attachment; filename="JR-00000001-netsuite.csv"'
    )
    said = "JE-0000000{},01/31/2013,{},Revenue Event Item Jan'2013"
    assert response.text == (
        f"{NETSUITE}"
        f"{said.format(1, 'JPY')},4000,7000,,\r\n"
        f"{said.format(1, 'JPY')},Deferred Revenue,,7000,\r\n"
        f"{said.format(2, 'USD')},Deferred Revenue,100.50,,\r\n"
        f"{said.format(2, 'USD')},4000,,100.50,\r\n"
    )


@pytest.mark.parametrize("transferred", ["Yes", "Ignore"])
def test_what_the_other_ledger_has_is_not_sent_again(ledger: Ledger, transferred: str) -> None:
    ledger.annotate("JE-00000001", transferredToAccounting=transferred)

    assert "JE-00000001" not in export(ledger, "?format=netsuite").text
    assert export(ledger, "?format=iif").text.count("ENDTRNS") == 2
    assert f",,7000,{transferred},,,\r\n" in export(ledger).text


def test_a_cancelled_entry_is_in_no_file(ledger: Ledger) -> None:
    ledger.api.put(f"{ENTRIES}/JE-00000001/cancel")
    ledger.api.put(f"{ENTRIES}/JE-00000002/cancel")

    assert export(ledger).text == CSV
    assert export(ledger, "?format=iif").text == IIF
    assert export(ledger, "?format=netsuite").text == NETSUITE


def test_text_that_would_break_a_file_is_written_so_that_it_does_not(api: Api) -> None:
    ledger = Ledger(api)
    ledger.code('=1+1\t"A, B"', "SalesRevenue")
    code = {"recognizedRevenueAccountingCode": '=1+1\t"A, B"'}
    ledger.schedule("1", {"Jan'2013": "1"}, **code)
    ledger.run()

    assert '"\'=1+1\t""A, B""",SalesRevenue' in export(ledger).text
    assert "\t=1+1 'A, B'\t-1.00\t" in export(ledger, "?format=iif").text
    assert '"=1+1\t""A, B""",,1.00' in export(ledger, "?format=netsuite").text


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        (
            "JR-00000001/export?format=pdf",
            50000020,
            "'format' value should be one of: csv, iif, netsuite",
        ),
        ("JR-00000009/export", 50000040, "Cannot find entity by key: 'JR-00000009'."),
    ],
)
def test_what_cannot_be_exported_is_refused(
    ledger: Ledger, path: str, code: int, message: str
) -> None:
    assert refusal(ledger.api, "GET", f"{RUNS}/{path}") == (code, message)
