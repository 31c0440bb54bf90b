"""Sellers who do all there is to do, each with a customer of their own, beside one another.

What each has done in the end is known beforehand, to the unit and to the cent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from earned.services.ports import Books
from tests import builders
from tests.api import serving
from tests.concurrency.load import BOUNDARY, REGENERATE, USAGE, Answer, Client, Request, reading
from tests.http.uploads import csv_of
from tests.periods import define_months

UNITS, PRICE = 100, 70
ROWS = 20
_OK = 200


def set_up(database_url: str, customers: int) -> None:
    """Define a plan of points, months to close, and customers to sell to."""
    with serving(database_url) as api:
        with builders.writing(api) as books:
            define_months(books, 2025, 12)
            builders.prepaid_plan(books, uom="Point", units=UNITS, price=PRICE, overage=2)
            for number in range(customers):
                builders.account(books, number=_customer(number))
        api.settings(credit_unbilled_periods=True)


def _customer(number: int) -> str:
    return f"E-{number:02}"


@dataclass
class Seller:
    """One seller, what is still to be done, and what was answered."""

    number: int
    database_url: str
    answered: list[Answer] = field(default_factory=list)

    @property
    def customer(self) -> str:
        """The number of the customer's account."""
        return _customer(self.number)

    def _steps(self) -> Sequence[Callable[[], Request]]:
        """Return what is done, one after another; what is asked depends on what was done."""
        days = [Random(self.number).randint(1, 28) for _ in range(3)]  # noqa: S311 - The same each time.
        return [
            lambda: self._order("create", "2026-01-01", self._create()),
            *(
                partial(self._used, f"use {n}", f"2026-01-{day:02}", 20)
                for n, day in enumerate(days)
            ),
            lambda: self._used("back", f"2026-01-{days[0]:02}", -5),
            self._upload,
            lambda: self._generate("bill", "2026-01-31"),
            self._regenerate,
            lambda: self._used("more", "2026-01-30", 50),
            lambda: self._order("cancel", "2026-03-01", self._cancel()),
            lambda: self._generate("bill again", "2026-03-31"),
        ]

    def go_on(self, send: Callable[[Request], Answer]) -> None:
        """Send what has not been answered yet: the same requests, with the same keys."""
        for place, step in enumerate(self._steps()):
            if place >= len(self.answered):
                answer = send(step())
                assert answer.status == _OK, answer
                assert answer.body.get("success", answer.body.get("Success")), answer
                self.answered.append(answer)

    def _key(self, name: str) -> str:
        return f"{name} of {self.customer}"

    def _order(self, name: str, day: str, action: dict[str, Any]) -> Request:
        triggers = [{"name": "ContractEffective", "triggerDate": day}]
        chosen = {key: value for key, value in action.items() if key != "of"}
        part: dict[str, Any] = {"orderActions": [{**chosen, "triggerDates": triggers}]}
        if "of" in action:
            part["subscriptionNumber"] = action["of"]
        body = {
            "orderDate": day,
            "existingAccountNumber": self.customer,
            "subscriptions": [part],
        }
        return Request("/v1/orders", body, self._key(name))

    def _create(self) -> dict[str, Any]:
        with reading(self.database_url) as books:
            (plan,) = books.product_rate_plans.list()
        term = {"termType": "TERMED", "period": 3, "periodType": "Month"}
        new = {
            "terms": {"initialTerm": term, "autoRenew": False},
            "subscribeToRatePlans": [{"productRatePlanId": plan.id}],
        }
        return {"type": "CreateSubscription", "createSubscription": new}

    def _cancel(self) -> dict[str, Any]:
        with reading(self.database_url) as books:
            number = _subscription(books, self.customer).number
        policy = {
            "cancellationPolicy": "SpecificDate",
            "cancellationEffectiveDate": "2026-03-01",
        }
        return {"type": "CancelSubscription", "cancelSubscription": policy, "of": number}

    def _used(self, name: str, day: str, quantity: int) -> Request:
        fields = {"AccountNumber": self.customer, "UOM": "Point", "Quantity": quantity}
        return Request(USAGE, fields | {"StartDateTime": day}, self._key(name))

    def _upload(self) -> Request:
        rows = [f"{self.customer},Point,1,02/{1 + n:02}/2026,,,," for n in range(ROWS)]
        content = csv_of(*rows).decode()
        head = 'Content-Disposition: form-data; name="file"; filename="usage.csv"'
        body = f"--{BOUNDARY}\r\n{head}\r\n\r\n{content}\r\n--{BOUNDARY}--\r\n"
        return Request("/v1/usage", {}, self._key("upload"), form=body.encode())

    def _generate(self, name: str, target: str) -> Request:
        path = f"/v1/accounts/{self.customer}/billing-documents/generate"
        body = {"effectiveDate": "2026-01-31", "targetDate": target, "autoPost": True}
        return Request(path, body, self._key(name))

    def _regenerate(self) -> Request:
        with reading(self.database_url) as books:
            number = _subscription(books, self.customer).original_id
            charges = books.charges.list(original_subscription_id=number, is_latest=True)
        (charge,) = (one for one in charges if one.is_topup)
        return Request(
            REGENERATE, {"originalChargeId": charge.original_id}, self._key("regenerate")
        )


def _subscription(books: Books, customer: str) -> Any:
    account = books.accounts.find(number=customer)
    assert account
    (found,) = books.subscriptions.list(account_id=account.id, is_latest=True)
    return found


def told(database_url: str) -> Sequence[Mapping[str, object]]:
    """Return what the books say of each customer."""
    with reading(database_url) as books:
        return [_told(books, account.id) for account in books.accounts.list(order_by=["number"])]


def _told(books: Books, account_id: str) -> Mapping[str, object]:
    subscriptions = books.subscriptions.list(account_id=account_id, is_latest=True)
    documents = books.documents.list(account_id=account_id, order_by=["number"])
    balances = books.balances.list(account_id=account_id)
    funds = books.funds.list(prepaid_balance_id=[row.id for row in balances])
    return {
        "subscriptions": [row.status for row in subscriptions],
        "records": books.usage.count(account_id=account_id),
        "left": [int(fund.balance) for fund in sorted(funds, key=lambda fund: fund.start_date)],
        "documents": [(row.kind, row.status, row.amount_minor) for row in documents],
    }


def close_and_reopen(sender: Client, database_url: str, name: str) -> None:
    """Close a period in which nothing was used, and open it again."""
    with reading(database_url) as books:
        period = books.periods.find(name=name)
    assert period
    for action in ("close", "reopen"):
        path = f"/v1/accounting-periods/{period.id}/{action}"
        assert sender.send(Request(path, {}, method="PUT")).status == _OK
