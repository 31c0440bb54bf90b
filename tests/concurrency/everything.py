"""Sellers who do all there is to do, each with a customer of their own, beside one another.

What each has done in the end is known beforehand, to the unit and to the cent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
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
_OK, _REFUSED = 200, 400


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
    chance: Random
    answered: list[Answer] = field(default_factory=list)

    @property
    def customer(self) -> str:
        """The number of the customer's account."""
        return _customer(self.number)

    def steps(self) -> Iterator[Request]:
        """Yield what is done, one after another."""
        yield self._order("create", "2026-01-01", self._create())
        days = [self.chance.randint(1, 28) for _ in range(3)]
        for place, day in enumerate(days):
            yield self._used(f"use-{place}", f"2026-01-{day:02}", 20)
        yield self._used("back", f"2026-01-{days[0]:02}", -5)
        yield self._upload()
        yield self._generate("bill", "2026-01-31")
        yield self._regenerate()
        yield self._used("more", "2026-01-30", 50)
        yield self._order("cancel", "2026-03-01", self._cancel())
        yield self._generate("bill again", "2026-03-31")

    def go_on(self, sender: Client, stop_after: int | None = None) -> None:
        """Send what has not been answered yet; the same requests, with the same keys."""
        for place, request in enumerate(self.steps()):
            if place == stop_after:
                return
            if place < len(self.answered):
                continue
            self.answered.append(_sent(sender, request))

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


def _sent(sender: Client, request: Request) -> Answer:
    answer = sender.send(request)
    assert answer.status == _OK, answer
    assert answer.body.get("success", answer.body.get("Success")), answer
    return answer


def _subscription(books: Books, customer: str) -> Any:
    account = books.accounts.find(number=customer)
    assert account
    (found,) = books.subscriptions.list(account_id=account.id, is_latest=True)
    return found
