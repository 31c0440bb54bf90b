"""Currencies over the wire: how an entity rounds them, and what is computed with that (R 7)."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text

from earned.bootstrap.first_run import add_entity
from earned.domain.tenancy import Entity, Scope
from earned.services.audit_books import audit_books
from earned.services.collect_revenue import collect_revenue
from tests import builders
from tests.api import Api
from tests.http.billing import CREDIT_MEMOS, Shop
from tests.http.by_hand import SCHEDULES, Charge, held, refusal
from tests.http.journal import Ledger
from tests.periods import define_months

PATH = "/v1/settings/finance/currencies"
FRANCS = {"currency": "CHF", "decimals": 2, "roundingMode": "Half Up", "active": True}

# A fund of 7 units, of which 2, 3 and 2 are used, and overage of 1 and then 2 units: by currency
# its price, that of a unit of overage, the increment, and minor units day by day in each mode.
WORKED: dict[str, tuple[str, str, str, dict[str, list[int]]]] = {
    "JPY": (
        *("1000", "33.3", "1"),
        {
            "Half Up": [286, 428, 286, 33, 67],
            "Up": [286, 429, 285, 34, 66],
            "Down": [285, 429, 286, 33, 66],
        },
    ),
    "USD": (
        *("100", "0.333", "0.01"),
        {
            "Half Up": [2857, 4286, 2857, 33, 67],
            "Up": [2858, 4285, 2857, 34, 66],
            "Down": [2857, 4285, 2858, 33, 66],
        },
    ),
    "KWD": (
        *("10", "0.0333", "0.001"),
        {
            "Half Up": [2857, 4286, 2857, 33, 67],
            "Up": [2858, 4285, 2857, 34, 66],
            "Down": [2857, 4285, 2858, 33, 66],
        },
    ),
    "CLF": (
        *("10", "0.00333", "0.0001"),
        {
            "Half Up": [28571, 42858, 28571, 33, 67],
            "Up": [28572, 42857, 28571, 34, 66],
            "Down": [28571, 42857, 28572, 33, 66],
        },
    ),
    "CHF": (
        *("100", "0.33", "0.05"),
        {
            "Half Up": [2855, 4290, 2855, 35, 65],
            "Up": [2860, 4285, 2855, 35, 65],
            "Down": [2855, 4285, 2860, 30, 65],
        },
    ),
}
PRICES = {"JPY": 1000, "USD": 10000, "KWD": 10000, "CLF": 100000, "CHF": 10000}
USED = (("2026-01-03", 2), ("2026-01-09", 3), ("2026-01-20", 2), ("2026-01-21", 1))
USED_LAST = ("2026-01-22", 2)


def decide(api: Api, code: str, **said: object) -> Any:
    response = api.put(f"{PATH}/{code}", said)
    assert response.status_code == 200, response.text
    return response.json()


def breaks(api: Api) -> list[Any]:
    with builders.writing(api) as books:
        return list(audit_books(books, Counter()))


def sell(api: Api, code: str, price: str, overage: str) -> builders.Sold:
    """Sell one month of 7 units for a price, and overage at another."""
    with builders.writing(api) as books:
        define_months(books, 2026, 1)
        plan = builders.rate_plan(books)
        prices = {name: builders.prices(one, code) for name, one in (("p", price), ("o", overage))}
        builders.prepayment_charge(books, plan, units=7, tiers=prices["p"])
        builders.drawdown_charge(books, plan, tiers=prices["o"])
        customer = builders.account(books, number="A-1", currency=code)
        return builders.sell(books, customer, plan, months=1)


def use(api: Api, day: str, quantity: int) -> None:
    record = {"AccountNumber": "A-1", "UOM": "Token", "Quantity": quantity}
    api.made("/v1/object/usage", {**record, "StartDateTime": day})


def rows(api: Api) -> list[dict[str, Any]]:
    """Return daily rows and events, as the database holds them, by day."""
    with api.application.database.engine.connect() as connection:
        return [
            dict(row)
            for table in ("daily_consumption", "revenue_event")
            for row in connection.execute(
                text(f"SELECT * FROM {table} ORDER BY transaction_date, id")  # noqa: S608 - Known.
            ).mappings()
        ]


def test_a_currency_is_as_iso_has_it_until_something_is_decided(api: Api) -> None:
    assert api.found(PATH) == {"currencies": [], "success": True}
    assert api.found(f"{PATH}/CHF") == {**FRANCS, "roundingIncrement": 0.01, "success": True}
    assert [
        (answer["decimals"], answer["roundingIncrement"])
        for answer in (api.found(f"{PATH}/{code}") for code in ("JPY", "USD", "KWD", "CLF"))
    ] == [(0, 1), (2, 0.01), (3, 0.001), (4, 0.0001)]


def test_what_is_decided_stays_and_is_told(api: Api) -> None:
    answer = decide(api, "CHF", roundingIncrement="0.05")
    assert answer == {**FRANCS, "roundingIncrement": 0.05, "success": True}
    decide(api, "CHF", roundingMode="up", active=False)
    decide(api, "CHF", active=False)
    decide(api, "BHD", roundingMode="Down")

    (bhd, chf) = api.found(PATH)["currencies"]

    assert (bhd["currency"], bhd["decimals"], bhd["roundingMode"]) == ("BHD", 3, "Down")
    changed = {"roundingMode": "Up", "roundingIncrement": 0.05, "active": False}
    assert chf == {**FRANCS, **changed}
    with builders.writing(api) as books:
        told = books.audit.list(object_type="Currency", order_by=["sequence"])
    assert [(entry.object_id, entry.detail) for entry in told] == [
        ("CHF", {"increment_minor": 5}),
        ("CHF", {"rounding": "Up", "active": False}),
        ("BHD", {"rounding": "Down"}),
    ]


TAKEN = (
    "The rounding of CHF cannot be changed: the books have amounts in CHF (prepaid funds, rated "
    "usage, revenue schedules)."
)
INCREMENT = "'roundingIncrement' should be an amount above 0 with at most {} decimals"


@pytest.mark.parametrize(
    ("code", "said", "message"),
    [
        ("USD", {"roundingMode": "Bankers"}, "'roundingMode' value should be one of: Half Up, Up"),
        ("USD", {"roundingIncrement": 0}, INCREMENT.format(2)),
        ("USD", {"roundingIncrement": "-0.05"}, INCREMENT.format(2)),
        ("USD", {"roundingIncrement": "0.005"}, INCREMENT.format(2)),
        ("JPY", {"roundingIncrement": 0.5}, INCREMENT.format(0)),
        ("USD", {"roundingIncrement": "some"}, INCREMENT.format(2)),
        ("USD", {"active": 7}, "'active' value is invalid"),
        ("usd", {}, "'currency' value is invalid: usd"),
        ("EURO", {}, "'currency' value is invalid: EURO"),
    ],
)
def test_what_cannot_be_decided_is_refused(
    api: Api, code: str, said: dict[str, Any], message: str
) -> None:
    found = refusal(api, "PUT", f"{PATH}/{code}", said)

    assert found[0] == 51310020
    assert found[1].startswith(message)
    assert api.found(PATH)["currencies"] == []


@pytest.mark.parametrize("mode", ["Half Up", "Up", "Down"])
@pytest.mark.parametrize("code", [*WORKED])
def test_a_used_up_fund_earns_its_price_and_overage_what_it_is_worth(
    api: Api, code: str, mode: str
) -> None:
    price, overage, increment, worked = WORKED[code]
    decide(api, code, roundingMode=mode, roundingIncrement=increment)
    sold = sell(api, code, price, overage)
    for day, quantity in (*USED, USED_LAST):
        use(api, day, quantity)
    before = rows(api)
    amounts = [row["amount_minor"] for row in before]

    assert amounts == worked[mode] * 2
    (fund,) = sold.funds
    assert sum(amounts[:3]) == fund.funding_price_minor == PRICES[code]
    with api.application.database.engine.begin() as connection:
        for statement in (
            "DELETE FROM revenue_event WHERE transaction_date = '2026-01-03'",
            "UPDATE revenue_event SET amount_minor = amount_minor + 1 WHERE fund_id IS NOT NULL",
            "DELETE FROM daily_consumption WHERE transaction_date = '2026-01-03'",
        ):
            connection.execute(text(statement))
    assert breaks(api)
    body = {"originalChargeId": sold.charge("Prepayment").original_id}
    api.made("/v1/uno-regenerate/rev-rec-events/daily-consumption", body)

    assert rows(api) == before
    with builders.writing(api) as books:
        collect_revenue(books)
    assert breaks(api) == []


def test_the_price_of_a_fund_is_a_multiple_of_the_increment(api: Api) -> None:
    decide(api, "CHF", roundingIncrement=0.05)

    (fund,) = sell(api, "CHF", "99.98", "1").funds

    assert fund.funding_price_minor == 10000
    assert breaks(api) == []


def test_rounding_stays_once_there_are_amounts(api: Api) -> None:
    decide(api, "CHF", roundingIncrement=0.05)
    sell(api, "CHF", "100", "0.33")
    for day, quantity in USED:
        use(api, day, quantity)

    for said in ({"roundingMode": "Up"}, {"roundingIncrement": 0.01}):
        assert refusal(api, "PUT", f"{PATH}/CHF", said) == (51310030, TAKEN)
    assert decide(api, "CHF", roundingIncrement=0.05, active=False)["active"] is False
    assert decide(api, "USD", roundingIncrement=0.05)["roundingIncrement"] == 0.05
    assert breaks(api) == []


def test_a_rounding_that_was_changed_by_hand_is_found(api: Api) -> None:
    decide(api, "CHF", roundingIncrement=0.05)
    sell(api, "CHF", "100", "0.33")
    use(api, "2026-01-03", 2)
    with api.application.database.engine.begin() as connection:
        connection.execute(text("UPDATE currency SET increment_minor = 1"))

    assert {found.check for found in breaks(api)} == {
        "daily consumption follows the ledger",
        "daily consumption adds up to the fund's consumption amount",
    }


def test_an_inactive_currency_takes_nothing_new(api: Api) -> None:
    decide(api, "CHF", active=False)
    contact = {"firstName": "A", "lastName": "B", "country": "CH"}
    body = {"name": "Acme", "currency": "CHF", "billToContact": contact}

    assert refusal(api, "POST", "/v1/accounts", body)[1] == (
        "'currency' value is invalid: CHF is not active"
    )
    decide(api, "CHF", active=True)
    api.made("/v1/accounts", body)


def test_an_inactive_currency_takes_no_journal_entry_by_hand(api: Api) -> None:
    ledger = Ledger(api)
    decide(api, "USD", active=False)

    with pytest.raises(AssertionError, match="USD is not active"):
        ledger.enter()


def test_what_is_billed_is_rounded_and_recognized_in_increments(api: Api) -> None:
    shop = Shop(api)
    decide(api, "USD", roundingIncrement=0.05)

    invoice = shop.posted(shop.item("300.03"))

    assert invoice["amount"] == 300.05
    months = {"Jan'2024": 55.25, "Feb'2024": 94.25, "Mar'2024": 100.75, "Apr'2024": 49.80}
    assert held(api) == {**months, "Open-Ended": 0}
    assert refusal(api, "PUT", f"{PATH}/USD", {"roundingIncrement": 0.01})[1].endswith(
        "(revenue schedules, billing documents)."
    )
    assert breaks(api) == []


def test_what_is_credited_is_rounded_and_mirrors_what_was_billed(api: Api) -> None:
    shop = Shop(api)
    decide(api, "USD", roundingIncrement=0.05)
    invoice = shop.posted(shop.item("300.03"))

    too_much = shop.of(invoice, "300.08")
    path = f"{CREDIT_MEMOS}/invoice/{invoice['id']}"
    assert refusal(api, "POST", path, too_much)[1] == (
        "'items.0.amount' is more than is left of the invoice item to credit, 300.05."
    )
    memo = shop.memo_of(CREDIT_MEMOS, invoice, "300.03")

    assert memo["amount"] == 300.05
    schedule = api.found(f"{SCHEDULES}/credit-memo-items/{shop.item_of(CREDIT_MEMOS, memo)['id']}")
    assert schedule["amount"] == -300.05
    assert held(api, schedule["number"]) == {
        "Jan'2024": -55.25,
        "Feb'2024": -94.25,
        "Mar'2024": -100.75,
        "Apr'2024": -49.80,
        "Open-Ended": 0,
    }
    nothing = shop.of(invoice, "0.02")
    assert refusal(api, "POST", path, nothing)[1] == (
        "'items.0.amount' value should be greater than 0"
    )
    assert breaks(api) == []


def test_daily_recognition_cuts_units_off_to_the_increment(api: Api) -> None:
    decide(api, "CHF", roundingIncrement=0.05)
    with builders.writing(api) as books:
        define_months(books, 2024, 1, 2)
    number = Charge(api, "CHF").created(amount="300.03", revenueScheduleDate="2024-01-15")
    days = {"recognitionStart": "2024-01-15", "recognitionEnd": "2024-04-14"}
    api.put(f"/v1/revenue-schedules/{number}/distribute-revenue-with-date-range", days)

    # 300.03 / 91 = 3.297, so 3.25 a day; what is left of the amount waits for periods to come.
    assert held(api) == {"Jan'2024": 55.25, "Feb'2024": 94.25, "Open-Ended": 150.53}

    for name, start, end in (
        ("Mar'2024", "2024-03-01", "2024-03-31"),
        ("Apr'2024", "2024-04-01", "2024-04-30"),
    ):
        period = {"name": name, "startDate": start, "endDate": end, "fiscalYear": 2024}
        api.made("/v1/accounting-periods", period)
    months = {"Jan'2024": 55.25, "Feb'2024": 94.25, "Mar'2024": 100.75, "Apr'2024": 49.78}
    assert held(api) == {**months, "Open-Ended": 0}
    assert breaks(api) == []


def test_a_percentage_is_rounded_to_the_increment_and_all_is_all(api: Api) -> None:
    decide(api, "CHF", roundingIncrement=0.05, roundingMode="Up")
    with builders.writing(api) as books:
        define_months(books, 2013, 1)
    number = Charge(api, "CHF").created(amount="10.03")

    for kind, percent, total in (
        ("total", 33, 3.35),
        ("undistributed", 50, 6.70),
        ("undistributed", 99.9, 10.03),
    ):
        body = {
            "distributeOn": "2013-01-15",
            "distributionType": f"specific date (delta percent {kind})",
            "percentage": percent,
        }
        path = f"/v1/revenue-schedules/{number}/distribute-revenue-on-specific-date"
        assert api.put(path, body).json()["success"] is True
        assert held(api)["Jan'2013"] == total
    assert held(api)["Open-Ended"] == 0
    assert breaks(api) == []


def test_entities_round_for_themselves(api: Api) -> None:
    first = api.application.clients.list(Entity)[0]
    other = add_entity(api.application, first.tenant_id, "Other")
    decide(api, "CHF", roundingIncrement=0.05)

    with api.application.database.writing(structural=False) as transaction:
        found = {
            entity.id: transaction.books(
                Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
            ).currency("CHF")
            for entity in (first, other)
        }
    assert [one.increment_minor for one in found.values()] == [5, 1]
