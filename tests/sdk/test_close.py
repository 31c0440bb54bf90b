"""The official client, unmodified: accounting codes and periods (R 12 steps 8, 9 and 18)."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import zuora_sdk

from tests.sdk.test_flow import client

__all__ = ["client"]

pytestmark = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
]


def refused(call: Callable[[], Any]) -> str:
    """Carry out what must be refused; return the message."""
    with pytest.raises(zuora_sdk.ApiException) as refusal:
        call()
    body = json.loads(refusal.value.body)
    assert body["success"] is False
    return str(body["reasons"][0]["message"])


def define(client: zuora_sdk.ApiClient, name: str, start: date, end: date, **more: Any) -> str:
    request = zuora_sdk.CreateAccountingPeriodRequest(
        name=name, start_date=start, end_date=end, fiscal_year=2026, **more
    )
    made = zuora_sdk.AccountingPeriodsApi(client).create_accounting_period(request)
    assert made.success
    return str(made.id)


def test_step_8_the_life_of_an_accounting_code(client: zuora_sdk.ApiClient) -> None:
    codes = zuora_sdk.AccountingCodesApi(client)
    request = zuora_sdk.CreateAccountingCodeRequest(
        name="Token Revenue", type="SalesRevenue", gl_account_number="4000", notes="Drawn down"
    )
    code_id = codes.create_accounting_code(request).id

    found = codes.get_accounting_code(code_id)
    assert (found.name, found.type, found.category) == ("Token Revenue", "SalesRevenue", "Revenue")
    assert (found.status, found.gl_account_number) == ("Active", "4000")
    change = zuora_sdk.UpdateAccountingCodeRequest(name="Tokens", type="OtherRevenue")
    assert codes.update_accounting_code(code_id, change).success
    (listed,) = codes.get_all_accounting_codes().accounting_codes
    assert (listed.name, listed.type) == ("Tokens", "OtherRevenue")
    assert refused(lambda: codes.delete_accounting_code(code_id)) == (
        "Accounting code 'Tokens' cannot be deleted: deactivate it first."
    )
    assert codes.deactivate_accounting_code(code_id).success
    assert codes.activate_accounting_code(code_id).success
    assert codes.deactivate_accounting_code(code_id).success
    assert codes.get_accounting_code(code_id).status == "Inactive"
    assert codes.delete_accounting_code(code_id).success
    assert codes.get_all_accounting_codes().accounting_codes == []


def test_step_9_the_life_of_an_accounting_period(client: zuora_sdk.ApiClient) -> None:
    periods = zuora_sdk.AccountingPeriodsApi(client)
    label = zuora_sdk.OrganizationLabel(organization_name="West")
    january = define(
        client, "Jan", date(2026, 1, 1), date(2026, 1, 31), organization_labels=[label]
    )
    february = define(client, "Feb", date(2026, 2, 1), date(2026, 2, 28), fiscal_quarter=1)

    assert periods.run_trial_balance(january).success
    found = periods.get_accounting_period(january)
    assert (found.status, found.run_trial_balance_status) == ("Open", "Completed")
    assert found.run_trial_balance_start <= found.run_trial_balance_end
    assert found.run_trial_balance_error_message is None
    assert found.file_ids.revenue_detail_csv_file_id is None
    assert [one.organization_name for one in found.organization_labels] == ["West"]
    change = zuora_sdk.UpdateAccountingPeriodRequest(name="February", end_date=date(2026, 3, 1))
    assert periods.update_accounting_period(february, change).success
    listed = periods.get_all_accounting_periods().accounting_periods
    assert [(one.name, one.status, str(one.end_date)) for one in listed] == [
        ("Jan", "Open", "2026-01-31"),
        ("February", "Open", "2026-03-01"),
        ("Open-Ended", "Open", "None"),
    ]
    assert periods.delete_accounting_period(february).success
    assert len(periods.get_all_accounting_periods().accounting_periods) == 2


def test_step_18_periods_are_closed_and_reopened(client: zuora_sdk.ApiClient) -> None:
    periods = zuora_sdk.AccountingPeriodsApi(client)
    january = define(client, "Jan", date(2026, 1, 1), date(2026, 1, 31))
    february = define(client, "Feb", date(2026, 2, 1), date(2026, 2, 28))
    rest = periods.get_all_accounting_periods().accounting_periods[-1].id

    assert refused(lambda: periods.close_accounting_period(february)) == (
        "All earlier accounting periods must be closed first; 'Jan' is not."
    )
    assert periods.pending_close_accounting_period(january).success
    assert periods.get_accounting_period(january).status == "PendingClose"
    assert periods.close_accounting_period(january).success
    assert periods.close_accounting_period(february).success
    assert refused(lambda: periods.reopen_accounting_period(january)) == (
        "Only the accounting period immediately before an open one can be reopened."
    )
    assert periods.reopen_accounting_period(february).success
    assert periods.get_accounting_period(february).status == "Open"
    assert refused(lambda: periods.close_accounting_period(rest)) == (
        "The open-ended accounting period cannot be closed."
    )
    assert refused(lambda: periods.delete_accounting_period(rest)) == (
        "The open-ended accounting period cannot be deleted."
    )
