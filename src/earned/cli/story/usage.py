"""What customers use: the same records every time, whatever the day."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from earned.cli.story.catalog import UNITS
from earned.cli.story.customers import CUSTOMERS, Customer
from earned.cli.story.months import OVER, Months
from earned.cli.story.wire import Json, Wire

USAGE = "/v1/object/usage"

_FIRST_HOUR, _HOURS, _MINUTES = 6, 16, 60
_LEAST_PERCENT, _MOST_PERCENT = 50, 150

Charges = Mapping[str, Mapping[str, Json]]
"""The charges of each customer's subscription, by the customer's number and their names."""


def records_of(
    customer: Customer, month: int, months: Months, charges: Mapping[str, Json]
) -> Iterator[dict[str, object]]:
    """Yield a customer's usage of a month in the order of its days; of this month, the first."""
    chance = Random(f"{customer.number} {month}")  # noqa: S311 - The same each time is the point.
    days = customer.days if month < OVER else customer.days[:1]
    for place, day in enumerate(days):
        for count in range(customer.a_day):
            charge = customer.charges[(place + count) % len(customer.charges)]
            quantity = Decimal(_steps(customer, month, chance)).scaleb(-UNITS[customer.uom])
            moment = _moment(months.day(month, day), count, chance.randrange(_MINUTES))
            yield record(customer, moment, quantity, charges[charge]["number"])


def record(
    customer: Customer, moment: str, quantity: Decimal, charge: str, **more: object
) -> dict[str, object]:
    """Return the body of a request for a usage record, as the seed's sample has it."""
    return {
        "AccountNumber": customer.number,
        "ChargeNumber": charge,
        "Quantity": quantity,
        "StartDateTime": moment,
        "SubscriptionNumber": customer.subscription,
        "UOM": customer.uom,
        **more,
    }


@dataclass(frozen=True, slots=True)
class Lane:
    """The months of a customer that draw from the same fund, whose records go one after another."""

    customer: Customer
    months: Sequence[int]


def lanes() -> Iterator[Lane]:
    """Yield what may be sent side by side without a number depending on what comes first."""
    for customer in CUSTOMERS:
        for start in range(0, OVER + 1, customer.fund_months):
            months = range(start, min(start + customer.fund_months, OVER + 1))
            yield Lane(customer, months)


def send_usage(wire: Wire, months: Months, charges: Charges, sent: Callable[[], None]) -> int:
    """Send all usage, each lane on a connection of its own; return how many records.

    One request at a time in each of few lanes is all the load there is.
    """

    def send(lane: Lane) -> int:
        mine, count = wire.beside(), 0
        for month in lane.months:
            for body in records_of(lane.customer, month, months, charges[lane.customer.number]):
                mine.post(USAGE, body)
                count += 1
                sent()
        mine.close()
        return count

    side_by_side = list(lanes())
    with ThreadPoolExecutor(len(side_by_side), "earned-story") as senders:
        return sum(senders.map(send, side_by_side))


def expected_records() -> int:
    """Return how many records `send_usage` sends."""
    return sum((OVER * len(customer.days) + 1) * customer.a_day for customer in CUSTOMERS)


def _steps(customer: Customer, month: int, chance: Random) -> int:
    """Return a quantity around the mean of the month, in steps of the unit's last decimal."""
    mean = customer.used[month] // (len(customer.days) * customer.a_day)
    return mean * chance.randint(_LEAST_PERCENT, _MOST_PERCENT) // 100


def _moment(day: date, count: int, minute: int) -> str:
    return f"{day}T{_FIRST_HOUR + count % _HOURS:02}:{minute:02}:00Z"
