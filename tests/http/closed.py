"""Closed periods under test: what operations do with them, requests that touch one, the books."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from earned.bootstrap.first_run import add_client
from earned.domain.permissions import Permission
from earned.domain.tenancy import Entity
from tests import builders
from tests.api import QUICK, Api, sign_in

SECRET = "a-secret-of-a-colleague"

Keys = Mapping[str, str]


class Does(Enum):
    """What an operation does with a closed period."""

    NOTHING = "it has no date and moves no amount"
    REFUSES = "it is refused where its date, or an amount of it, lies in a closed period"
    ASKS = "an accounting rule says whether it may be dated in a closed period; its revenue may not"
    PASSES = "what it books for a closed period goes to the next open one"
    DECIDES = "it says which periods are closed"
    FORWARDS = "each of its objects goes through the operation for one of them"
    POSTS = "it posts what a closed period holds, and changes none of that"


@dataclass(frozen=True)
class Request:
    """A request that touches the closed period, and how it is refused, if it is."""

    operation: str
    method: str
    path: str
    body: Callable[[Keys], dict[str, Any]] | None = None
    refusal: str = ""


def constant(**body: Any) -> Callable[[Keys], dict[str, Any]]:
    return lambda _: body


@dataclass(frozen=True)
class World:
    """Books with a period that is closed; `keys` are ids and numbers by what requests call them."""

    api: Api
    period: str
    keys: Keys

    def send(self, request: Request, **headers: str) -> Any:
        path = request.path.format(**self.keys)
        body = request.body(self.keys) if request.body else None
        return self.api.request(request.method, path, body, **headers)

    def refuses(self, request: Request, **headers: str) -> None:
        """Send what must be refused, in its own words."""
        response = self.send(request, **headers)
        assert response.status_code == 400, (request, response.text)
        assert list(refusals(response.json())) == [request.refusal.format(**self.keys)]

    def holds(self) -> object:
        """Return all that the closed period holds, and each distribution item in it."""
        with builders.writing(self.api) as books:
            closed = books.periods.find(name=self.period)
            assert closed
            return (
                books.items.list(period_id=closed.id, order_by=["schedule_id"]),
                books.distribution_items.list(period_id=closed.id, order_by=["distribution_id"]),
                books.trial_balances.list(period_id=closed.id, order_by=["id"]),
            )


def refusals(answer: Any) -> Iterator[str]:
    """Yield the messages of a refusal in either dialect."""
    for reason in answer.get("reasons", ()):
        yield reason["message"]
    for error in answer.get("Errors", ()):
        assert error["Code"] == "ACCOUNTING_PERIOD_CLOSED"
        yield error["Message"]


def without(api: Api, *permissions: Permission) -> dict[str, str]:
    """Return the headers of somebody from whom permissions are withheld."""
    clients = api.application.clients
    entity = clients.list(Entity)[0]
    client = add_client(api.application, entity.tenant_id, (entity.id,), SECRET, secret_cost=QUICK)
    clients.change_permissions(client, permissions)
    return sign_in(api.http, client.id, SECRET)
