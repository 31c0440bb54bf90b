"""The official client, unmodified, at the Settings API (R 5)."""

from typing import Any

import pytest
import zuora_sdk

from tests.sdk.test_flow import client

__all__ = ["client"]

pytestmark = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
]

RULES = "/accounting-rules"


def submit(client: zuora_sdk.ApiClient, *requests: Any) -> Any:
    batch = zuora_sdk.SettingsBatchRequest(requests=list(requests))
    api = zuora_sdk.SettingsApi(client)
    return api.post_process_settings_batch_request(batch_request=batch).responses


def test_the_client_finds_the_accounting_rules_and_changes_them(
    client: zuora_sdk.ApiClient,
) -> None:
    setting, billing = zuora_sdk.SettingsApi(client).get_list_all_settings().settings
    assert (setting.key, setting.path_pattern) == ("AccountingRules", RULES)
    assert (billing.key, billing.path_pattern) == ("BillingRules", "/billing-rules")

    changed, read = submit(
        client,
        zuora_sdk.SettingValueRequest(
            id="1", method="PUT", url=RULES, body={"allowUsageInClosedPeriod": False}
        ),
        zuora_sdk.SettingValueRequest(id="2", method="GET", url=RULES),
    )

    assert (changed.id, changed.response.status) == ("1", "200 OK")
    assert read.response.body == {
        "allowBlankAccountingCodes": True,
        "allowCreationInClosedPeriod": True,
        "allowUsageInClosedPeriod": False,
        "allowRevenueScheduleNegativeAmounts": False,
    }
