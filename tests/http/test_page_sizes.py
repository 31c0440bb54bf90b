"""Page sizes as Zuora documents them, operation by operation (R 2.6)."""

from datetime import date, timedelta

import pytest

from earned.domain.accounting import AccountingCode
from earned.http.table import OPERATIONS
from tests.api import Api
from tests.builders import writing
from tests.periods import define

DEFAULTS = {
    "GET_RSforSubscCharge": 8,
    "GET_RSbyProductChargeAndBillingAccount": 8,
    "GET_RevenueEventForRevenueSchedule": 8,
    "GET_RevenueItemsByRevenueSchedule": 300,
    "GET_RevenueItemsByChargeRevenueEventNumber": 300,
    "GET_RevenueItemsByChargeRevenueSummaryNumber": 300,
    "getAllSummaryJournalEntries": 8,
    "getAllAccountingCodes": 300,
    "getAllAccountingPeriods": 300,
}


@pytest.mark.parametrize("operation", DEFAULTS)
def test_an_operation_says_its_page_size(operation: str) -> None:
    (found,) = [one for one in OPERATIONS if one.id == operation]

    schemas = {parameter.name: parameter.schema for parameter in found.parameters}
    assert schemas["page"]["default"] == 1
    assert schemas["pageSize"]["default"] == DEFAULTS[operation]


def test_accounting_codes_come_300_at_a_time(api: Api) -> None:
    with writing(api) as books:
        facts = {"entity_id": books.scope.entity_id, **books.stamp()}
        books.codes.add_all(
            [
                AccountingCode(
                    id=books.new_id(),
                    name=f"{place:03}",
                    code_type="OtherRevenue",
                    category="Revenue",
                    **facts,
                )
                for place in range(301)
            ]
        )

    assert paged(api, "accountingCodes") == (300, ["300"])


def test_accounting_periods_come_300_at_a_time(api: Api) -> None:
    with writing(api) as books:
        for place in range(300):
            day = date(2026, 1, 1) + timedelta(place)
            define(books, f"{place}", day, day)

    assert paged(api, "accountingPeriods") == (300, ["Open-Ended"])


def paged(api: Api, kind: str) -> tuple[int, list[str]]:
    """Return how many rows the first page has, and the names on the second, the last."""
    path = {
        "accountingCodes": "/v1/accounting-codes",
        "accountingPeriods": "/v1/accounting-periods",
    }[kind]
    first = api.found(path)
    assert first["nextPage"] == f"http://testserver{path}?page=2&pageSize=300"
    second = api.found(first["nextPage"])
    assert "nextPage" not in second
    assert len(api.found(f"{path}?pageSize=1000")[kind]) == 300
    return len(first[kind]), [row["name"] for row in second[kind]]
