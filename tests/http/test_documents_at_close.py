"""Billing documents and the close of accounting periods: what keeps one open, what it locks."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from earned.domain.permissions import Permission
from tests import builders
from tests.api import Api
from tests.http.billing import (
    ADJUSTMENTS,
    CREDIT_MEMOS,
    DEBIT_MEMOS,
    INVOICES,
    SCHEDULES,
    Shop,
    refused,
)
from tests.http.closed import without
from tests.http.journal import PERIODS

JAN, FEB = "Jan'2024", "Feb'2024"


def close(shop: Shop, name: str) -> Any:
    return shop.api.put(f"{PERIODS}/{shop.periods[name]}/close").json()


def reasons(answer: Any) -> list[tuple[int, str]]:
    assert answer["success"] is False, answer
    return [(reason["code"], reason["message"]) for reason in answer["reasons"]]


def test_r_t34_a_period_closes_in_turn_and_without_drafts_but_with_unrated_usage(api: Api) -> None:
    shop = Shop(api)
    with builders.writing(api) as books:
        plan = builders.rate_plan(books, "Metered")
        builders.drawdown_charge(books, plan)
        builders.sell(books, shop.account, plan, start=date(2024, 1, 1))
    record = {
        "AccountNumber": shop.account.number,
        "UOM": "Token",
        "Quantity": -3,
        "StartDateTime": "2024-01-20",
    }
    api.made("/v1/object/usage", record)
    draft = shop.draft()

    assert reasons(close(shop, FEB)) == [
        (50000030, "All earlier accounting periods must be closed first; 'Jan'2024' is not.")
    ]
    assert reasons(close(shop, JAN)) == [
        (
            50000030,
            (
                "The accounting period cannot be closed: post or delete the draft invoice "
                "INV-00000001 of 2024-01-15."
            ),
        )
    ]
    shop.put(f"{INVOICES}/{draft['id']}/post")
    assert close(shop, JAN) == {"success": True}


def test_every_draft_up_to_the_end_of_the_period_is_named(api: Api) -> None:
    shop = Shop(api)
    shop.memo(DEBIT_MEMOS, effectiveDate="2024-01-31")
    shop.memo(CREDIT_MEMOS, effectiveDate="2024-01-30")
    shop.draft(invoiceDate="2024-02-01")
    shop.memo(CREDIT_MEMOS, autoPost=True)
    canceled = shop.draft()
    shop.put(f"{INVOICES}/{canceled['id']}/cancel")

    text = "The accounting period cannot be closed: post or delete the draft "
    assert [message for _, message in reasons(close(shop, JAN))] == [
        f"{text}credit memo CM-00000001 of 2024-01-30.",
        f"{text}debit memo DM-00000001 of 2024-01-31.",
    ]


def test_a_draft_does_not_keep_a_period_from_pending_close(api: Api) -> None:
    shop = Shop(api)
    shop.draft()

    shop.put(f"{PERIODS}/{shop.periods[JAN]}/pending-close")


Try = Callable[[Shop], tuple[str, str, Any]]
"""What is tried: method, path and body."""


def an_invoice(shop: Shop) -> tuple[str, str, Any]:
    return "POST", INVOICES, shop.invoice()


def a_credit_memo(shop: Shop) -> tuple[str, str, Any]:
    body = {"accountId": shop.account.id, "effectiveDate": "2024-01-15", "charges": [shop.item(1)]}
    return "POST", CREDIT_MEMOS, body


def a_debit_memo(shop: Shop) -> tuple[str, str, Any]:
    return "POST", DEBIT_MEMOS, a_credit_memo(shop)[2]


@pytest.mark.parametrize(
    ("tried", "label"),
    [
        (an_invoice, "invoice date"),
        (a_credit_memo, "credit memo date"),
        (a_debit_memo, "debit memo date"),
    ],
)
def test_a_document_of_a_closed_period_is_refused(api: Api, tried: Try, label: str) -> None:
    shop = Shop(api)
    shop.close(JAN)

    code, message = refused(api, *tried(shop))

    assert code % 100 == 30
    assert message == f"The {label} cannot be in a closed accounting period."


def test_what_a_closed_period_has_of_documents_stays(api: Api) -> None:
    shop = Shop(api)
    posted = shop.posted()
    credit = shop.memo(CREDIT_MEMOS, autoPost=True)
    adjustment = shop.adjust(posted, 100)
    later = shop.draft(invoiceDate="2024-02-01")
    shop.close(JAN)
    tail = "cannot be canceled: its date, 2024-01-15, is in a closed accounting period."

    assert refused(api, "PUT", f"{INVOICES}/{posted['id']}/cancel") == (
        50000030,
        f"Invoice INV-00000001 {tail}",
    )
    assert refused(api, "PUT", f"{CREDIT_MEMOS}/{credit['id']}/cancel") == (
        50000030,
        f"Credit memo CM-00000001 {tail}",
    )
    for method, path, body in (
        ("PUT", f"{ADJUSTMENTS}/{adjustment}", {"Status": "Canceled"}),
        ("POST", ADJUSTMENTS, shop.adjustment(posted, 1)),
    ):
        answer = api.request(method, path, body)
        assert answer.status_code == 400
        (error,) = answer.json()["Errors"]
        assert error["Code"] == "ACCOUNTING_PERIOD_CLOSED"
        assert error["Message"] == "The adjustment date cannot be in a closed accounting period."
    body = {"invoiceDate": "2024-01-31"}
    assert refused(api, "PUT", f"{INVOICES}/{later['id']}/post", body) == (
        50900030,
        "The invoice date cannot be in a closed accounting period.",
    )


def test_what_was_billed_in_a_closed_period_is_credited_in_an_open_one(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    shop.close(JAN)

    shop.memo_of(CREDIT_MEMOS, invoice, 300, effectiveDate="2024-02-01")

    assert shop.held("RS-00000002") == {
        FEB: -151.34,
        "Mar'2024": -101.99,
        "Apr'2024": -46.67,
    }


def test_pending_close_is_closed_to_who_does_not_manage_the_close(api: Api) -> None:
    shop = Shop(api)
    draft = shop.draft()
    shop.put(f"{PERIODS}/{shop.periods[JAN]}/pending-close")
    api.headers |= without(api, Permission.MANAGE_CLOSE_PROCESS)

    assert refused(api, "POST", INVOICES, shop.invoice())[1] == (
        "The invoice date cannot be in a closed accounting period."
    )
    for method, action in (("PUT", "/post"), ("PUT", "/cancel"), ("DELETE", "")):
        _, message = refused(api, method, f"{INVOICES}/{draft['id']}{action}")
        assert message.endswith("its date, 2024-01-15, is in a closed accounting period.")


def test_the_first_period_begins_by_the_first_document(api: Api) -> None:
    shop = Shop(api, months=(2, 3), automatic=False)
    shop.draft(invoiceDate="2024-01-31")

    code, message = refused(
        api, "PUT", f"{PERIODS}/{shop.periods[FEB]}", {"startDate": "2024-02-02"}
    )

    assert code == 50800030
    assert message == (
        "The first accounting period must start by 2024-01-31, the earliest transaction."
    )


def test_codes_and_rules_of_what_was_billed_are_used(api: Api) -> None:
    shop = Shop(api)
    shop.rule("Ours", "Manual recognition")
    shop.draft(shop.item(revenueRecognitionRuleName="Ours"))
    codes = api.found("/v1/accounting-codes")["accountingCodes"]
    (receivable,) = [code["id"] for code in codes if code["name"] == "Receivable"]
    rules = api.found("/v1/settings/finance/revenue-recognition-rules")["revenueRecognitionRules"]
    (ours,) = [rule["id"] for rule in rules if rule["name"] == "Ours"]

    assert refused(api, "PUT", f"/v1/accounting-codes/{receivable}", {"name": "Other"})[1] == (
        "Accounting code 'Receivable' cannot be updated: transactions use it."
    )
    path = f"/v1/settings/finance/revenue-recognition-rules/{ours}/deactivate"
    assert refused(api, "PUT", path)[0] % 100 == 30
    assert api.get(f"{SCHEDULES}/RS-00000001").status_code == 404
