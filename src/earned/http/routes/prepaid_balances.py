"""Prepaid balances at a glance: `/v1/accounts/{account-key}/prepaid-balances`.

Zuora shows them on the pages of an account; path and fields are ours, in the words of the object
queries.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from earned.domain.glance_text import wire_glance
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Read
from earned.services.glance_balances import glance_balances
from earned.services.ports import Books


class BalancesAnswer(V1Answer):
    """All prepaid balances of an account, down to every fund, and the overage of its charges."""

    account_number: str
    as_of: date
    balances: list[dict[str, Any]]
    overage: list[dict[str, Any]]


def _get(books: Books, call: Call) -> Mapping[str, object]:
    return wire_glance(glance_balances(books, call.path["account-key"]))


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/accounts/{account-key}/prepaid-balances",
        id="getPrepaidBalancesOfAccount",
        tag="Accounts",
        summary="Retrieve an account's prepaid balances with their funds, at a glance",
        answer=BalancesAnswer,
        work=Read(_get),
    ),
)
