"""Terms that are cut short and go on, and the segments and funds that they leave (U 2.10)."""

from datetime import date
from decimal import Decimal

import pytest

from earned.domain.charge import Tier
from earned.domain.consumption import EventType
from earned.domain.errors import RuleBroken
from earned.services.activate_funds import roll_on
from earned.services.deplete_funds import DepleteFunds, deplete_funds
from earned.services.renew_subscription import RenewSubscription
from earned.services.roll_by_hand import RollByHand, reverse_rollover, roll_by_hand
from tests import builders
from tests.services.amending import YEAR, Customer, selling
from tests.services.test_change_terms import FEB, MONTHLY, renewing, units, until, update
from tests.services.test_delete_order import undo

MARCH = date(2022, 3, 1)
NEXT_MONTH = date(2026, 2, 1)  # The clock of the tests is in January 2026.


def there(customer: Customer, since: date = date.min) -> list[tuple[str, int, float]]:
    """Return the funds that were not credited: day, segment and units."""
    rows = customer.books.funds.list(credited_on=None, order_by=["start_date", "id"])
    return [
        (str(row.start_date), row.charge_segment, float(row.funded_balance))
        for row in rows
        if row.start_date >= since
    ]


def test_a_term_goes_on_in_the_segment_that_was_effective_last(founded_database_url: str) -> None:
    with selling(founded_database_url, months=2, **MONTHLY) as customer:
        customer.order(update(customer, FEB, **units(15)))

        customer.order(until(FEB))
        customer.order(until(MARCH))

        # The segment of 15 units was to begin with February, and never did.
        assert there(customer) == [("2022-01-01", 1, 10), ("2022-02-01", 1, 10)]
        customer.use("2022-02-03", 4)
        assert customer.pending() == [(0, "Processed")]

        customer.order(update(customer, FEB, **units(12)))

        assert there(customer) == [("2022-01-01", 1, 10), ("2022-02-01", 3, 12)]


def test_an_end_where_there_was_none_is_the_end_of_all(founded_database_url: str) -> None:
    with selling(founded_database_url, months=2, **MONTHLY) as customer:
        customer.top_up(date(2022, 2, 10), 3, 9, period="MONTH")
        customer.order(until(None))
        customer.order(update(customer, MARCH, **units(15)))

        customer.order(until(date(2022, 2, 15)))

        rows = customer.books.funds.list(start_date=[FEB, date(2022, 2, 10)], order_by=["id"])
        # Half of February; 14 of the 19 days of the top-up.
        assert [row.credited_minor for row in rows] == [1500, 663]
        charges = customer.books.charges.list(is_latest=True)
        assert max(one.days.end for one in charges if len(one.days)) == date(2022, 2, 15)


def test_a_month_that_was_credited_is_not_sold_again(founded_database_url: str) -> None:
    with selling(founded_database_url, months=2, **MONTHLY) as customer:
        customer.order(until(date(2022, 1, 15)))
        customer.order(until(None))
        before = there(customer)

        assert not roll_on(customer.books, customer.latest)

        assert before[:1] == [("2022-02-01", 1, 10)]
        assert there(customer) == before


def test_without_an_end_funds_reach_to_the_next_period_whatever_is_updated(
    founded_database_url: str,
) -> None:
    with selling(founded_database_url, months=49, **MONTHLY) as customer:
        customer.order(renewing(2))
        undo(customer, customer.order(RenewSubscription()))
        customer.order(until(None))
        customer.order(update(customer, NEXT_MONTH, **units(15)))

        assert not roll_on(customer.books, customer.latest)
        assert there(customer, NEXT_MONTH) == [("2026-02-01", 2, 15)]

        # March was credited when the renewal was undone: it is sold now.
        customer.order(until(date(2026, 4, 1)))
        assert there(customer, NEXT_MONTH) == [("2026-02-01", 2, 15), ("2026-03-01", 2, 15)]

        # What is there already is updated, however far ahead.
        customer.order(until(None))
        customer.order(update(customer, NEXT_MONTH, **units(20)))
        assert there(customer, NEXT_MONTH) == [("2026-02-01", 3, 20), ("2026-03-01", 3, 20)]


def test_what_a_fund_costs_more_is_earned_too(founded_database_url: str) -> None:
    with selling(founded_database_url, months=2, **MONTHLY) as customer:
        customer.use("2022-02-03", 9)
        assert customer.deferred_minor() == 3000 + 300
        price = (Tier(currency="USD", price=Decimal(50)),)

        customer.order(update(customer, FEB, tiers=price))

        # Nine tenths of 50.00, though the fund's own schedule is one of 30.00.
        assert customer.deferred_minor() == 3000 + 500
        (event,) = customer.books.events.list()
        assert (event.amount_minor, event.collected_minor) == (4500, 4500)


def test_what_came_while_there_was_no_end_goes_with_the_order(founded_database_url: str) -> None:
    with selling(founded_database_url, months=49, **MONTHLY) as customer:
        endless = customer.order(until(None))
        assert len(roll_on(customer.books, customer.latest, date(2026, 4, 15))) == 3

        undo(customer, endless)

        assert there(customer, NEXT_MONTH) == []


def test_what_rolled_and_came_back_is_told_as_its_fund_is_now(founded_database_url: str) -> None:
    with selling(founded_database_url, months=2, **MONTHLY) as customer:
        first, second = (
            {"startDate": str(start), "endDate": str(end)}
            for start, end in ((YEAR, FEB), (FEB, MARCH))
        )
        named = {"subscription_number": customer.sold.subscription.number, "uom": "Token"}
        roll_by_hand(
            customer.books,
            RollByHand(**named, source=first, destination=second, priority="ApplyFirst"),
        )
        reverse_rollover(customer.books, RollByHand(**named, source=second, destination=first))

        price = (Tier(currency="USD", price=Decimal(50)),)
        customer.order(update(customer, YEAR, tiers=price))

        (event,) = customer.books.events.list(event_type=EventType.FUND_ROLLOVER)
        assert (int(event.quantity), event.charge_segment) == (0, 2)
        assert str(event.unit_price) == "5"


def test_no_fund_holds_less_than_was_depleted_of_it(founded_database_url: str) -> None:
    with selling(founded_database_url, months=2, **MONTHLY) as customer:
        february = customer.books.funds.find(start_date=FEB)
        assert february
        option = {"fundId": february.id, "depleteQuantity": Decimal("6.25")}
        deplete_funds(customer.books, DepleteFunds(payload={"depleteOptions": [option]}))
        customer.use("2022-02-03", 3)

        message = (
            "The fund of 2022-02-01 of charge C-00000001 was depleted of 6.25 units, "
            "and cannot hold fewer."
        )
        with pytest.raises(RuleBroken, match=message), customer.books.attempt():
            customer.order(update(customer, FEB, **units(6)))
        customer.order(update(customer, FEB, **units(7)))

        assert customer.balances() == [10, 0]
        assert customer.pending() == [(2.25, "Pending")]


def test_funds_of_an_earlier_term_are_updated_by_its_own_validity_periods(
    founded_database_url: str,
) -> None:
    last_of_august = date(2022, 8, 31)
    with selling(founded_database_url, months=6, start=last_of_august, **MONTHLY) as customer:
        customer.order(renewing(1))
        customer.order(RenewSubscription())

        # The new term begins on February 28: counted from there, there would be none on the 31st.
        customer.order(update(customer, date(2022, 11, 30), **units(12)))

        assert there(customer, date(2022, 10, 31)) == [
            ("2022-10-31", 1, 10),
            ("2022-11-30", 2, 12),
            ("2022-12-31", 2, 12),
            ("2023-01-31", 2, 12),
            ("2023-02-28", 2, 12),
        ]


def test_a_fund_of_an_earlier_term_costs_what_that_is_long(founded_database_url: str) -> None:
    with selling(
        founded_database_url, months=3, period="SUBSCRIPTION_TERM", billing_period="Month",
        units=10, price=10,
    ) as customer:  # fmt: skip
        customer.order(renewing(2))
        customer.order(RenewSubscription())

        customer.order(update(customer, YEAR, **units(12)))

        funds = customer.books.funds.list(order_by=["start_date"])
        assert there(customer) == [("2022-01-01", 2, 12), ("2022-04-01", 2, 12)]
        assert [fund.funding_price_minor for fund in funds] == [3000, 2000]


@pytest.mark.parametrize(
    ("alignment", "further"),
    [
        ("ChargeStart", [("2022-03-10", 1, 310), ("2022-04-10", 1, 296.71)]),
        ("TermStart", [("2022-03-10", 1, 596.74)]),
        ("TermEnd", [("2022-03-10", 1, 616.86)]),
    ],
)
def test_a_further_term_has_funds_from_its_first_day(
    founded_database_url: str, alignment: str, further: list[tuple[str, int, float]]
) -> None:
    with selling(
        founded_database_url, months=2, start=date(2022, 1, 10), units=900, price=90,
        period="QUARTER", billing_period="Quarter", validity_period_alignment=alignment,
        validity_period_proration_option="ProrateUnits",
    ) as customer:  # fmt: skip
        customer.order(renewing(2))

        customer.order(RenewSubscription())

        # 59 of 90 days; then 31 of 90 and 30 of 91, 61 of 92, or 61 of 89.
        assert there(customer) == [("2022-01-10", 1, 590), *further]
        customer.use("2022-03-10", 5)
        assert customer.pending() == [(0, "Processed")]
        customer.order(update(customer, date(2022, 3, 10), **units(1800)))
        now = there(customer, date(2022, 3, 10))
        assert [segment for _, segment, _ in now] == [2] * len(further)
        assert [int(count) for *_, count in now] == [int(2 * count) for *_, count in further]


def test_what_prepays_a_whole_term_of_its_own_days_does_not_grow_either(
    founded_database_url: str,
) -> None:
    with selling(
        founded_database_url, months=2, period="SUBSCRIPTION_TERM", billing_period="Month",
        validity_period_proration_option="NoProrate",
    ) as customer:  # fmt: skip
        growing = until(date(2022, 5, 1))
        refused = pytest.raises(RuleBroken, match="must be evenly distributed over")
        with refused, customer.books.attempt():
            customer.order(growing)
        assert there(customer) == [("2022-01-01", 1, 120)]


def test_u_2_2_a_recurring_prepayment_is_not_added_to_a_term_cut_within_a_validity_period(
    founded_database_url: str,
) -> None:
    with selling(founded_database_url, months=2, **MONTHLY) as customer:
        customer.order(until(date(2022, 2, 15)))
        plan = builders.rate_plan(customer.books, "More")
        builders.prepayment_charge(customer.books, plan, units=5, price=9)
        refused = pytest.raises(RuleBroken, match="C-00000003 cannot be divided into successive")

        with refused, customer.books.attempt():
            builders.add(customer.books, customer.latest, plan, FEB)
        customer.top_up(FEB, 5, 9, period="MONTH")

        assert customer.balances() == [10, 0, 5]


def test_u_2_11_units_that_nobody_used_are_credited_whole_however_often_they_are_billed(
    founded_database_url: str,
) -> None:
    with selling(
        founded_database_url, billing_period="Month", list_price_base="Per_Validity_Period",
        credit_option="ConsumptionBased",
    ) as customer:  # fmt: skip
        customer.remove()

        (fund,) = customer.books.funds.list()
        assert (fund.credited_minor, str(fund.credited_on)) == (12000, "2022-07-01")
