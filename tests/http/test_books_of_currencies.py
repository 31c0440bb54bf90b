"""The same story in five currencies, from usage to the trial balance: each ties out by itself."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from earned.services.audit_books import audit_books
from tests import builders
from tests.api import Api, Clock, serving
from tests.http.journal import RUNS
from tests.periods import define_months
from tests.reports import RECOGNIZED, ROLL_FORWARD, WATERFALL, add_codes, ask, cells, close, rows

JAN, FEB, MAR, REST = "Jan'2026", "Feb'2026", "Mar'2026", "Open-Ended"

# How a currency is rounded, the price of 7 units, and of a unit of overage.
CURRENCIES = {
    "CHF": ("Up", "0.05", "100", "0.33"),
    "CLF": ("Half Up", "0.0001", "10", "0.00333"),
    "JPY": ("Half Up", "1", "1000", "33.3"),
    "KWD": ("Down", "0.001", "10", "0.0333"),
    "USD": ("Half Up", "0.01", "100", "0.333"),
}
# By currency: the price; what 5 units are worth, and the rest; what a correction to 4 takes back,
# and the rest then; two units of overage, and both.
WORTH = {
    "CHF": ("100.00", "71.45", "28.55", "-14.30", "42.85", "0.70", "100.70"),
    "CLF": ("10.0000", "7.1429", "2.8571", "-1.4286", "4.2857", "0.0067", "10.0067"),
    "JPY": ("1000", "714", "286", "-143", "429", "67", "1067"),
    "KWD": ("10.000", "7.142", "2.858", "-1.428", "4.286", "0.066", "10.066"),
    "USD": ("100.00", "71.43", "28.57", "-14.29", "42.86", "0.67", "100.67"),
}
NOUGHT = {"CHF": "0.00", "CLF": "0.0000", "JPY": "0", "KWD": "0.000", "USD": "0.00"}


@pytest.fixture
def api(founded_database_url: str) -> Iterator[Api]:
    """Sell 7 units of January in each currency."""
    clock = Clock()
    clock.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    with serving(founded_database_url, clock) as client:
        for code, (mode, increment, _, _) in CURRENCIES.items():
            said = {"roundingMode": mode, "roundingIncrement": increment}
            answer = client.put(f"/v1/settings/finance/currencies/{code}", said)
            assert answer.json()["success"] is True, answer.text
        sell(client)
        yield client


def sell(api: Api) -> None:
    with builders.writing(api) as books:
        define_months(books, 2026, 1, 2, 3)
        add_codes(books, Prepayments="DeferredRevenue", Usage="SalesRevenue")
        add_codes(books, Unbilled="UnbilledReceivables")
        named: dict[str, Any] = {"recognized_revenue_account": "Usage"}
        tiers = {
            name: tuple(builders.prices(facts[at], code)[0] for code, facts in CURRENCIES.items())
            for name, at in (("price", 2), ("overage", 3))
        }
        plan = builders.rate_plan(books)
        builders.prepayment_charge(
            books,
            plan,
            units=7,
            tiers=tiers["price"],
            deferred_revenue_account="Prepayments",
            **named,
        )
        builders.drawdown_charge(books, plan, tiers=tiers["overage"], **named)
        for code in CURRENCIES:
            customer = builders.account(books, number=code, currency=code)
            builders.sell(books, customer, plan, months=1)


def use(api: Api, day: int, quantity: int) -> None:
    for code in CURRENCIES:
        record = {"AccountNumber": code, "UOM": "Token", "Quantity": quantity}
        api.made("/v1/object/usage", {**record, "StartDateTime": f"2026-01-{day:02}"})


def journal(api: Api, period: str) -> None:
    run = {"journalEntryDate": "2026-03-15", "accountingPeriodName": period}
    api.made(RUNS, {**run, "transactionTypes": [{"type": "Revenue Event Item"}]})


def sound(api: Api) -> None:
    with builders.writing(api) as books:
        assert list(audit_books(books, Counter())) == []


def lie(api: Api, *periods: str) -> dict[str, list[str]]:
    """Return what the waterfall has in some periods, by currency: of funds, in one list."""
    found = ask(api, WATERFALL)["rows"]
    return {
        row["currency"]: [row["amount"], *(cells(row)[name] for name in periods)]
        for row in reversed(found)
    }


def test_five_currencies_tie_out_at_every_close(api: Api) -> None:
    use(api, 3, 2)
    use(api, 9, 3)
    close(api, JAN)
    assert lie(api, JAN, FEB, REST) == {
        code: [price, five, NOUGHT[code], rest] for code, (price, five, rest, *_) in WORTH.items()
    }

    # A unit less for January, which is closed.
    use(api, 9, -1)
    api.made("/v1/revenue/collect", None)
    assert lie(api, JAN, FEB, REST) == {
        code: [price, five, less, left] for code, (price, five, _, less, left, *_) in WORTH.items()
    }

    expired = api.made("/v1/revenue/expire-funds", {"throughDate": "2026-01-31"})
    assert {row["currency"]: str(row["amount"]) for row in expired["breakage"]} == {
        code: str(float(left)) if "." in left else left
        for code, (_, _, _, _, left, *_) in WORTH.items()
    }
    close(api, FEB)
    # 3 units more come back from the expiry, and two are overage.
    use(api, 30, 5)
    close(api, MAR)
    sound(api)

    flows = ("additions", "recognizedByDrawdown", "breakage", "closing", "difference")
    assert rows(api, ROLL_FORWARD, "currency", "accountingPeriodName", *flows) == [
        (code, period, *amounts, NOUGHT[code])
        for code, (price, five, rest, less, left, *_) in WORTH.items()
        for period, amounts in (
            (JAN, (price, five, NOUGHT[code], rest)),
            (FEB, (NOUGHT[code], less, left, NOUGHT[code])),
            (MAR, (NOUGHT[code], left, f"-{left}", NOUGHT[code])),
        )
    ]
    by_period = ("currency", "accountingPeriodName", "amount")
    assert rows(api, RECOGNIZED, *by_period) == [
        (code, period, amount)
        for code, (_, five, rest, _, _, overage, _) in WORTH.items()
        for period, amount in ((JAN, five), (FEB, rest), (MAR, overage))
    ]


def test_five_journals_tie_out_with_their_trial_balance(api: Api) -> None:
    use(api, 3, 2)
    use(api, 9, 3)
    close(api, JAN)
    use(api, 9, -1)
    api.made("/v1/revenue/expire-funds", {"throughDate": "2026-01-31"})
    use(api, 30, 5)
    close(api, FEB)
    for period in (JAN, FEB):
        journal(api, period)
    sound(api)

    entries = api.found("/v1/journal-entries/journal-runs/JR-00000002?pageSize=40")
    told = Counter(entry["currency"] for entry in entries["journalEntries"])
    # What the fund gave, and overage; the correction came to nothing before it was collected.
    assert told == Counter({**dict.fromkeys(CURRENCIES, 2)})
    found = ask(api, "trial-balance", accountingPeriodName=FEB)
    closing = {
        (row["currency"], row["accountingCodeName"]): row["closing"] for row in found["rows"]
    }
    assert closing == {
        (code, name): amount
        for code, (price, _, _, _, _, overage, both) in WORTH.items()
        for name, amount in (("Prepayments", price), ("Unbilled", overage), ("Usage", f"-{both}"))
    }
    assert {row["closing"] for row in found["totals"]} == {*NOUGHT.values()}
