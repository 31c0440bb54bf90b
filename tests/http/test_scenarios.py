"""The dossier's worked scenarios over the wire, with its numbers (U 5, R 11); named by their rows.

Those that other modules hold already are not repeated here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.charge import Tier
from earned.domain.prepaid import Fund
from earned.services.ports import Books
from tests import builders
from tests.api import Api
from tests.builders import Sold, writing

USAGE = "/v1/object/usage"
WSDL = {"X_Zuora_WSDL_Version": "114"}
RATED, UNBILLED = "Daily Rated Usage", "Unbilled Usage"
Event = tuple[str, str, str, str, int | None]


def use(api: Api, quantity: int | str, day: str, uom: str = "Token", **more: Any) -> str:
    """Record usage; return the id of the record."""
    record = {"AccountNumber": "A00000001", "UOM": uom, "Quantity": quantity, "StartDateTime": day}
    return str(api.made(USAGE, record | more, **WSDL)["Id"])


def status(api: Api, identity: str) -> str:
    return str(api.found(f"{USAGE}/{identity}")["RbeStatus"])


def events(api: Api) -> list[Event]:
    """Return every revenue event: type, day, usage charge, quantity and minor units."""
    with writing(api) as books:
        rows = books.events.list(order_by=["event_type", "transaction_date", "usage_charge_number"])
    return [
        (
            row.event_type.value,
            row.transaction_date.isoformat(),
            str(row.usage_charge_number),
            str(row.quantity),
            row.amount_minor,
        )
        for row in rows
    ]


def amounts(api: Api, kind: str = RATED) -> list[int | None]:
    return [event[-1] for event in events(api) if event[0] == kind]


def drawn(api: Api) -> list[tuple[str, str]]:
    """Return every movement by usage in order: which charge the fund is of, and its units."""
    with writing(api) as books:
        funds = {fund.id: fund.charge_number for fund in books.funds.list()}
        rows = books.transactions.list(source_type="USAGE", order_by=["id"])
    return [(funds[row.fund_id], str(row.amount)) for row in rows]


def balances(api: Api) -> list[Decimal]:
    with writing(api) as books:
        return [balance.balance for balance in books.balances.list(order_by=["id"])]


@contextmanager
def customer(api: Api, **changes: Any) -> Iterator[tuple[Books, Any]]:
    """Lend the books with an account in them."""
    with writing(api) as books:
        yield books, builders.account(books, **changes)


def sell_minutes(api: Api) -> Sold:
    """Sell 1000 minutes a year for 100.00 USD, 1.00 a minute beyond (row 2)."""
    api.clock.now = datetime(2022, 12, 1, tzinfo=UTC)
    with customer(api) as (books, account):
        plan = builders.rate_plan(books)
        annual = {"period": "ANNUAL", "billing_period": "Annual"}
        builders.prepayment_charge(books, plan, uom="Min", units=1000, price=100, **annual)
        builders.drawdown_charge(books, plan, uom="Min", price=1)
        return builders.sell(books, account, plan, start=date(2022, 1, 1))


def test_u_2_nine_hundred_minutes_are_prepaid_and_two_hundred_wait_to_be_billed(api: Api) -> None:
    sell_minutes(api)

    covered = [use(api, 100, "2022-10-01", "Min") for _ in range(9)]
    assert balances(api) == [100]
    assert {status(api, one) for one in covered} == {"Processed"}
    late = use(api, 300, "2022-11-01", "Min")

    assert drawn(api) == [("C-00000001", "-100")] * 10
    assert balances(api) == [0]
    assert status(api, late) == "Pending"


def test_u_3_the_revenue_of_row_2(api: Api) -> None:
    sell_minutes(api)

    for _ in range(9):
        use(api, 100, "2022-10-01", "Min")
    use(api, 300, "2022-11-01", "Min")

    assert events(api) == [
        (RATED, "2022-10-01", "C-00000002", "900", 9000),
        (RATED, "2022-11-01", "C-00000002", "100", 1000),
        (UNBILLED, "2022-11-01", "C-00000002", "200", 20000),
    ]


def sell_calls(books: Books, account: Any) -> Sold:
    """Sell 10 million calls a month for 20.00 USD, 5.00 a million beyond (row 6)."""
    plan = builders.prepaid_plan(books, uom="M", units=10, price=20, overage=5)
    return builders.sell(books, account, plan)


def test_u_6_twelve_and_a_half_million_calls(api: Api) -> None:
    with customer(api) as (books, account):
        sell_calls(books, account)

    use(api, "12.5", "2026-01-20", "M")

    assert drawn(api) == [("C-00000001", "-10")]
    assert events(api) == [
        (RATED, "2026-01-20", "C-00000002", "10", 2000),
        (UNBILLED, "2026-01-20", "C-00000002", "2.5", 1250),
    ]


def sell_calls_with_top_up(api: Api) -> None:
    """Row 6 with a million calls more for 3.00 USD from 15 January (row 7)."""
    with customer(api) as (books, account):
        sold = sell_calls(books, account)
        more = builders.rate_plan(books, "More")
        facts: dict[str, Any] = {"name": "More", "charge_type": "OneTime"}
        builders.prepayment_charge(books, more, uom="M", units=1, price=3, **facts)
        builders.add(books, sold.subscription, more, date(2026, 1, 15))


def test_u_7_a_top_up_covers_what_the_plan_does_not(api: Api) -> None:
    sell_calls_with_top_up(api)

    use(api, "10.6", "2026-01-20", "M")

    assert drawn(api) == [("C-00000001", "-10"), ("C-00000003", "-0.6")]
    assert sorted(amounts(api), key=str) == [180, 2000]
    assert amounts(api, UNBILLED) == []


def test_u_7_before_it_takes_effect_a_top_up_covers_nothing(api: Api) -> None:
    sell_calls_with_top_up(api)

    use(api, "10.6", "2026-01-10", "M")

    assert drawn(api) == [("C-00000001", "-10")]
    assert events(api) == [
        (RATED, "2026-01-10", "C-00000002", "10", 2000),
        (UNBILLED, "2026-01-10", "C-00000002", "0.6", 300),
    ]


def test_u_21_twelve_and_a_half_of_thirty_units_for_sixty_dollars(api: Api) -> None:
    with customer(api) as (books, account):
        builders.sell(books, account, builders.prepaid_plan(books, units=30, price=60))

    for quantity, day in (("4.25", "2026-01-02"), ("0.75", "2026-01-30"), ("7.5", "2026-01-10")):
        use(api, quantity, day)

    assert amounts(api) == [850, 1500, 150]
    assert sum(minor or 0 for minor in amounts(api)) == 2500


@pytest.mark.parametrize(
    ("currency", "price", "expected"),
    [
        ("USD", 100, [1429, 1428, 1429, 1428, 1429, 1428, 1429]),
        ("JPY", 1000, [143, 143, 143, 142, 143, 143, 143]),
        ("KWD", 1, [143, 143, 143, 142, 143, 143, 143]),
    ],
)
def test_u_23_seven_days_share_a_price_to_the_last_minor_unit(
    api: Api, currency: str, price: int, expected: list[int]
) -> None:
    with customer(api, currency=currency) as (books, account):
        plan = builders.rate_plan(books)
        tiers = builders.prices(price, currency)
        builders.prepayment_charge(books, plan, units=7, tiers=tiers)
        builders.drawdown_charge(books, plan, tiers=tiers)
        builders.sell(books, account, plan)

    for day in (4, 1, 7, 3, 2, 6, 5):
        use(api, 1, f"2026-01-0{day}")

    assert amounts(api) == expected
    assert balances(api) == [77]


def test_u_24_five_of_seven_units_leave_two_deferred(api: Api) -> None:
    with customer(api) as (books, account):
        plan = builders.prepaid_plan(books, units=7, price=100)
        builders.sell(books, account, plan, start=date(2022, 1, 1), months=1)

    use(api, 2, "2022-01-03")
    use(api, 3, "2022-01-09")

    assert amounts(api) == [2857, 4286]
    assert balances(api) == [2]


def plant(books: Books, like: Fund, units: int, **changes: Any) -> None:
    """Store one more fund beside `like`, as no operation makes it yet."""
    held: dict[str, Any] = {"funded_balance": Decimal(units), "balance": Decimal(units)}
    books.funds.add(replace(like, id=books.new_id(), **held, **changes))


def plant_funds(api: Api) -> None:
    """Store the five funds of row 28, in the place of one that is used up."""
    with customer(api) as (books, account):
        plan = builders.prepaid_plan(books, units=1, price=1)
        sold = builders.sell(books, account, plan, start=date(2025, 1, 1), months=1)
        (used_up,) = sold.funds
        last = {"rollover_count": 1, "rollover_apply": "ApplyLast"}
        first = {"rollover_count": 1, "rollover_apply": "ApplyFirst"}
        plant(books, used_up, 40, priority=1, charge_number="RL", **last)
        plant(books, used_up, 100, charge_number="N50b", start_date=date(2025, 1, 5))
        plant(books, used_up, 100, charge_number="N50a")
        plant(books, used_up, 30, priority=90, charge_number="RF", **first)
        plant(books, used_up, 100, priority=20, charge_number="N20", start_date=date(2025, 1, 10))
        books.funds.change(used_up, balance=Decimal(0))
        books.balances.change(sold.balances[0], balance=Decimal(370), total_fund=Decimal(371))
        (period,) = books.validity_periods.list()
        books.validity_periods.change(period, remaining_balance=Decimal(370))


def test_u_28_the_order_in_which_funds_are_used(api: Api) -> None:
    plant_funds(api)

    use(api, 250, "2025-01-15")
    first = [("RF", "-30"), ("N20", "-100"), ("N50a", "-100"), ("N50b", "-20")]
    assert drawn(api) == first
    use(api, 100, "2025-01-15")
    second = [("N50b", "-80"), ("RL", "-20")]
    assert drawn(api) == first + second
    use(api, 50, "2025-01-15")

    assert drawn(api) == [*first, *second, ("RL", "-20")]
    assert events(api)[-1][:4] == (UNBILLED, "2025-01-15", "C-00000002", "30")


def test_u_37_the_event_of_a_changed_record_keeps_its_id(api: Api) -> None:
    with customer(api) as (books, account):
        builders.sell(books, account, builders.prepaid_plan(books, units=10, price=20))

    def event() -> tuple[str, int | None]:
        with writing(api) as books:
            (row,) = books.events.list()
        return row.id, row.amount_minor

    use(api, 3, "2026-01-10", UniqueKey="k")
    before = event()
    use(api, 4, "2026-01-10", UniqueKey="k")

    assert before[1] == 600
    assert event() == (before[0], 800)


def bands(*bounds: tuple[int | None, str, str]) -> tuple[Tier, ...]:
    """Return tiers by their last unit, price and price format."""
    return tuple(
        Tier(
            currency="USD",
            tier=number,
            ending_unit=None if end is None else Decimal(end),
            price=Decimal(price),
            price_format=price_format,
        )
        for number, (end, price, price_format) in enumerate(bounds, start=1)
    )


def sell_metered(api: Api, model: str, tiers: Sequence[Tier]) -> None:
    """Sell usage that nothing is prepaid for."""
    with customer(api) as (books, account):
        plan = builders.rate_plan(books)
        rates: dict[str, Any] = {"is_prepaid": False, "prepaid_operation_type": None}
        rates |= {"drawdown_uom": None, "drawdown_rate": None}
        builders.drawdown_charge(books, plan, charge_model=model, tiers=tuple(tiers), **rates)
        builders.sell(books, account, plan)


def test_u_41_a_late_record_brings_all_units_into_a_cheaper_volume(api: Api) -> None:
    sell_metered(api, "Volume", bands((100, "10", "PerUnit"), (None, "9", "PerUnit")))

    use(api, 90, "2026-01-10")
    assert amounts(api, UNBILLED) == [90_000]
    use(api, 20, "2026-01-12")

    assert amounts(api, UNBILLED) == [90_000, 9_000]


def test_u_43_forty_five_units_through_four_tiers(api: Api) -> None:
    tiers = bands(
        (9, "0", "PerUnit"), (20, "1", "PerUnit"), (30, "2", "FlatFee"), (None, "3", "PerUnit")
    )
    sell_metered(api, "Tiered", tiers)

    for day, quantity in ((1, 9), (2, 11), (3, 10), (4, 15)):
        use(api, quantity, f"2026-01-0{day}")

    assert amounts(api, UNBILLED) == [0, 1100, 200, 4500]


@pytest.mark.parametrize(("model", "expected"), [("Tiered", [800, 470]), ("Volume", [800, 370])])
def test_u_43_eight_units_and_five(api: Api, model: str, expected: list[int]) -> None:
    sell_metered(api, model, bands((10, "1", "PerUnit"), (None, "0.9", "PerUnit")))

    use(api, 8, "2026-01-10")
    use(api, 5, "2026-01-11")

    assert amounts(api, UNBILLED) == expected


def test_u_52_two_charges_draw_one_fund_on_one_day(api: Api) -> None:
    with customer(api) as (books, account):
        plan = builders.prepaid_plan(books, uom="Point", units=3, price=10)
        builders.drawdown_charge(books, plan, uom="Point", name="Second")
        builders.sell(books, account, plan)
    first, second = "C-00000002", "C-00000003"

    use(api, 1, "2026-01-11", "Point", ChargeNumber=first)
    use(api, 1, "2026-01-10", "Point", ChargeNumber=second)
    use(api, 1, "2026-01-10", "Point", ChargeNumber=first)

    assert events(api) == [
        (RATED, "2026-01-10", first, "1", 333),
        (RATED, "2026-01-10", second, "1", 334),
        (RATED, "2026-01-11", first, "1", 333),
    ]


@pytest.mark.parametrize(("mode", "rounded"), [("Down", "12.31"), ("Up", "12.32")])
def test_u_55_a_unit_rounds_by_its_mode(api: Api, mode: str, rounded: str) -> None:
    with customer(api) as (books, account):
        builders.unit(books, "GB", rounding_mode=mode)
        builders.sell(books, account, builders.prepaid_plan(books, uom="GB", units=100))

    identity = use(api, "12.31245", "2026-01-10", "GB")

    assert drawn(api) == [("C-00000001", f"-{rounded}")]
    assert api.get(f"{USAGE}/{identity}").text.count('"Quantity":12.31245') == 1


def test_r_t45_what_is_drawn_is_recognized_when_the_period_closes(api: Api) -> None:
    with customer(api) as (books, account):
        builders.sell(books, account, builders.prepaid_plan(books, units=10_000, price=1200))
    january = {"name": "Jan", "startDate": "2026-01-01", "endDate": "2026-01-31"}
    period = api.made("/v1/accounting-periods", january | {"fiscalYear": 2026})["id"]

    use(api, 3333, "2026-01-10")
    assert api.put(f"/v1/accounting-periods/{period}/close").json()["success"]

    schedule = api.found("/v1/revenue-schedules/RS-00000001")
    assert [
        schedule[name]
        for name in ("amount", "recognizedRevenue", "undistributedUnrecognizedRevenue")
    ] == [1200, 399.96, 800.04]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-15"])
def test_a_day_at_an_end_of_the_calendar_is_refused(api: Api, zone: str, start: str) -> None:
    with customer(api) as (books, account):
        builders.sell(books, account, builders.prepaid_plan(books), months=None)
    api.settings(time_zone=zone)

    record = {"AccountNumber": "A00000001", "UOM": "Token", "Quantity": 1, "StartDateTime": start}
    response = api.post(USAGE, record)

    assert response.status_code == 400
    assert response.json()["Errors"][0]["Message"] == "The STARTDATE format is invalid"


def test_a_record_that_was_reversed_is_deleted_whole(api: Api) -> None:
    with customer(api) as (books, account):
        builders.sell(books, account, builders.prepaid_plan(books, units=10, price=20), months=1)
    reversed_later = use(api, 10, "2026-01-10")
    use(api, -5, "2026-01-10")
    use(api, 5, "2026-01-11")

    assert api.delete(f"{USAGE}/{reversed_later}").status_code == 200

    # Nothing is left to reverse on the 10th: the negative record waits for more usage there.
    assert events(api) == [
        (RATED, "2026-01-10", "C-00000002", "0", 0),
        (RATED, "2026-01-11", "C-00000002", "5", 1000),
        (UNBILLED, "2026-01-10", "C-00000002", "-5", 0),
    ]
    assert balances(api) == [5]
