"""Asking for reports over the wire; amounts come back digit by digit as they were written."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from earned.domain.accounting import AccountingCode
from earned.domain.chart import CATEGORIES
from earned.services.ports import Books
from tests.api import Api

ROLL_FORWARD, WATERFALL, OBLIGATIONS = "roll-forward", "waterfall", "obligations"
RECOGNIZED, USAGE = "recognized-revenue", "usage-to-revenue"


def path(name: str, query: Mapping[str, str]) -> str:
    return f"/v1/reports/{name}?{urlencode(query, quote_via=quote)}"


def ask(api: Api, name: str, **query: str) -> dict[str, Any]:
    """Ask for a report in JSON."""
    response = api.get(path(name, query))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.text, parse_float=str, parse_int=str)
    assert found["success"] is True
    return found


def rows(api: Api, name: str, *fields: str, **query: str) -> list[tuple[Any, ...]]:
    """Ask for a report; return the named fields of its rows."""
    return [tuple(row[field] for field in fields) for row in ask(api, name, **query)["rows"]]


def file(api: Api, name: str, **query: str) -> str:
    """Ask for a report as a CSV file."""
    response = api.get(path(name, {**query, "format": "csv"}))
    assert response.status_code == 200, response.text
    return response.text


def complaint(api: Api, name: str, **query: str) -> str:
    """Ask what must be refused; return the message."""
    response = api.get(path(name, query))
    assert response.status_code == 400, response.text
    (reason,) = response.json()["reasons"]
    assert reason["code"] == 50000020
    return str(reason["message"])


def cells(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a row of the waterfall holds, by the name of the period."""
    return {cell["accountingPeriodName"]: cell["amount"] for cell in row["accountingPeriods"]}


def moment(api: Api) -> str:
    """Return an instant after all that is stored, and before all that is to come."""
    instant: datetime = api.application.database.now()
    return instant.isoformat(timespec="microseconds")


def add_codes(books: Books, **types: str) -> None:
    """Add accounting codes; underscores in names stand for spaces."""
    for name, code_type in types.items():
        books.codes.add(
            AccountingCode(
                id=books.new_id(),
                entity_id=books.scope.entity_id,
                name=name.replace("_", " "),
                code_type=code_type,
                category=CATEGORIES[code_type],
                **books.stamp(),
            )
        )


def use(api: Api, quantity: int | str, day: str, **more: Any) -> str:
    """Record usage; return the id of the record."""
    record = {"AccountNumber": "A00000001", "UOM": "Token", "Quantity": quantity}
    return str(api.made("/v1/object/usage", {**record, "StartDateTime": day, **more})["Id"])


def change_period(api: Api, name: str, action: str) -> None:
    """Close or reopen a period, by its name."""
    listed = api.found("/v1/accounting-periods?pageSize=300")["accountingPeriods"]
    (identity,) = [period["id"] for period in listed if period["name"] == name]
    answer = api.put(f"/v1/accounting-periods/{identity}/{action}")
    assert answer.json() == {"success": True}, answer.text


def close(api: Api, *names: str) -> None:
    for name in names:
        change_period(api, name, "close")


def reopen(api: Api, *names: str) -> None:
    for name in names:
        change_period(api, name, "reopen")


def schedule(
    api: Api, charge_id: str, amount: str, day: str, distributed: Mapping[str, str] | None = None
) -> str:
    """Create a schedule by hand; return its number."""
    wanted: Sequence[Mapping[str, str]] = [
        {"accountingPeriodName": name, "newAmount": part}
        for name, part in (distributed or {}).items()
    ]
    body = {"amount": amount, "revenueScheduleDate": day, "revenueDistributions": wanted}
    made = api.made(f"/v1/revenue-schedules/subscription-charges/{charge_id}", body)
    return str(made["revenueScheduleNumber"])


def exact(text: str | None) -> Decimal:
    return Decimal(text or 0)
