"""Currencies: `/v1/settings/finance/currencies` (R 7).

Zuora has them in its user interface; path and fields are ours, in the words of its pages.
"""

from collections.abc import Mapping
from decimal import Decimal

from earned.domain.currencies import CurrencyRules, wire_rules
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Read, Write
from earned.http.validation import V1Request
from earned.services.change_currency import ChangeCurrency, change_currency, rules_of
from earned.services.ports import Books
from earned.services.work import single

RESOURCE = 513100
PATH = "/v1/settings/finance/currencies"
ONE = f"{PATH}/{{currency-code}}"
TAG = "Settings"


class ChangedCurrency(V1Request):
    """What becomes of a currency; what is not named stays."""

    rounding_mode: str | None = None
    rounding_increment: Decimal | str | None = None
    active: bool | None = None


class CurrencyAnswer(V1Answer):
    """A currency as the entity rounds it; the increment is an amount."""

    currency: str
    decimals: int
    rounding_mode: str
    rounding_increment: Decimal
    active: bool


def _change(call: Call) -> ChangeCurrency:
    return ChangeCurrency(code=_code(call), sent=call.body.model_dump(by_alias=True))


def _changed(call: Call, rules: CurrencyRules) -> Mapping[str, object]:
    del call
    return {"success": True, **wire_rules(rules)}


def _get(books: Books, call: Call) -> Mapping[str, object]:
    return {**wire_rules(rules_of(books, _code(call))), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    del call
    rules = books.currencies.list(order_by=["code"])
    return {"currencies": [wire_rules(one) for one in rules], "success": True}


def _code(call: Call) -> str:
    return call.path["currency-code"]


OPERATIONS = (
    Operation(
        method="GET",
        path=PATH,
        id="listCurrencies",
        tag=TAG,
        summary="List the currencies that something was decided about, by code",
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path=ONE,
        id="getCurrency",
        tag=TAG,
        summary="Retrieve how a currency is rounded",
        answer=CurrencyAnswer,
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=ONE,
        id="updateCurrency",
        tag=TAG,
        summary="Update how a currency is rounded, and whether it is used",
        resource=RESOURCE,
        body=ChangedCurrency,
        answer=CurrencyAnswer,
        work=Write(single(change_currency), _change, _changed),
    ),
)
