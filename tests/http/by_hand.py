"""Revenue schedules made by hand over the wire."""

from collections.abc import Mapping
from typing import Any

from tests import builders
from tests.api import Api
from tests.builders import writing

SCHEDULES = "/v1/revenue-schedules"
PLAIN = {"amount": "300", "revenueScheduleDate": "2013-01-01"}


class Charge:
    """A subscribed charge whose schedules are made by hand."""

    def __init__(self, api: Api, currency: str = "USD", **terms: Any) -> None:
        self.api = api
        with writing(api) as books:
            plan = builders.rate_plan(books, f"Plan in {currency}")
            builders.unlimited_charge(books, plan, tiers=builders.prices(300, currency), **terms)
            customer = builders.account(books, currency=currency)
            sold = builders.sell(books, customer, plan)
        self.charge = sold.charge("Project")
        self.path = f"/v1/revenue-schedules/subscription-charges/{self.charge.id}"

    def created(self, **changes: Any) -> str:
        """Create a schedule; return its number. `spread` puts amounts into periods by name."""
        spread = changes.pop("spread", None)
        if spread is not None:
            changes["revenueDistributions"] = new_amounts(spread)
        number = self.api.made(self.path, {**PLAIN, **changes})["revenueScheduleNumber"]
        assert isinstance(number, str)
        return number

    def refused(self, body: dict[str, Any]) -> tuple[int, str]:
        """Send what must be refused, see that nothing is stored; return category and message."""
        response = self.api.post(self.path, body)
        assert response.status_code == 400, response.text
        (reason,) = response.json()["reasons"]
        assert reason["code"] // 100 == 506000
        assert self.api.found(self.path)["revenueSchedules"] == []
        return reason["code"] % 100, reason["message"]


def new_amounts(spread: Mapping[str, object]) -> list[dict[str, object]]:
    """Return what a request says of amounts in periods."""
    return [{"accountingPeriodName": name, "newAmount": value} for name, value in spread.items()]


def held(api: Api, number: str = "RS-00000001") -> dict[str, float]:
    """Return what a schedule holds, by the name of the period."""
    items = api.found(f"{SCHEDULES}/{number}")["revenueItems"]
    return {item["accountingPeriodName"]: item["amount"] for item in items}


def events(api: Api, number: str = "RS-00000001") -> list[tuple[str, dict[str, float]]]:
    """Return what each event of a schedule added to periods, the first event first."""
    listed = api.found(f"/v1/revenue-events/revenue-schedules/{number}?pageSize=40")
    return [
        (
            event["number"],
            {item["accountingPeriodName"]: item["amount"] for item in event["revenueItems"]},
        )
        for event in reversed(listed["revenueEventDetails"])
    ]


def refusal(api: Api, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """Send what must be refused; return code and message."""
    response = api.request(method, path, body)
    assert response.status_code in {400, 404}, response.text
    (reason,) = response.json()["reasons"]
    return reason["code"], reason["message"]
