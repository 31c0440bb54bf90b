"""Usage files for the tests: the template's columns, and an upload to its end."""

from decimal import Decimal
from hashlib import md5
from typing import Any

from httpx2 import Response

from earned.domain.usage import UsageRecord
from earned.domain.usage_import import UsageImport
from earned.services.accept_file import AcceptFile, accept_file
from earned.services.ports import Books
from tests import builders
from tests.api import Api, Keeper

UPLOAD = "/v1/usage"
HEADER = "ACCOUNT_ID,UOM,QTY,STARTDATE,ENDDATE,SUBSCRIPTION_ID,CHARGE_ID,DESCRIPTION"
POLLS = 2000


def csv_of(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def use(quantity: object, day: str = "01/03/2026", account: str = "A-1") -> str:
    return f"{account},Token,{quantity},{day},,,,"


def sell_40_tokens(keeper: Keeper) -> None:
    """Sell A-1 a plan that prepays 40 tokens in January."""
    with builders.writing(keeper) as books:
        plan = builders.prepaid_plan(books, units=40, price=100, overage=2)
        builders.sell(books, builders.account(books, number="A-1"), plan, months=1)


def stored(keeper: Keeper) -> list[UsageRecord]:
    """Return the usage records in the order they were recorded."""
    with builders.writing(keeper) as books:
        return list(books.usage.list(order_by=["id"], deleted=False))


def left(keeper: Keeper) -> Decimal:
    """Return the balance of the one fund."""
    with builders.writing(keeper) as books:
        (fund,) = books.funds.list()
    return fund.balance


def send(api: Api, content: bytes, name: str = "usage.csv", **headers: str) -> Response:
    """Upload a file."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    files = {"file": (name, content)}
    return api.http.post(UPLOAD, files=files, headers={**api.headers, **named})


def ended(api: Api, path: str, **headers: str) -> dict[str, Any]:
    """Return the status of an import once it is over."""
    answer: dict[str, Any] = {}
    for _ in range(POLLS):
        answer = api.found(path, **headers)
        if answer["importStatus"] in {"Completed", "Failed"}:
            return answer
    raise AssertionError(answer)


def uploaded(api: Api, content: bytes, name: str = "usage.csv", **headers: str) -> dict[str, Any]:
    """Upload a file that is accepted; return what became of it."""
    answer = send(api, content, name, **headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["size"] == len(content)
    shown = {key: value for key, value in headers.items() if key != "Idempotency_Key"}
    return ended(api, answer.json()["checkImportStatus"], **shown)


def refused(api: Api, content: bytes, name: str = "usage.csv") -> str:
    """Upload a file whose import fails; return why."""
    answer = uploaded(api, content, name)
    assert (answer["importStatus"], answer["importedCount"]) == ("Failed", 0)
    return str(answer["statusReason"])


def accepted(books: Books, content: bytes, name: str = "usage.csv") -> UsageImport:
    """Store a file as an import that nobody carries out yet."""
    file = AcceptFile(
        import_id=books.new_id(),
        file_name=name,
        size=len(content),
        md5=md5(content, usedforsecurity=False).hexdigest(),
        content=content,
    )
    return accept_file(books, file)
