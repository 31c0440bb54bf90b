"""What the books say, read back through the API, and whether it ties out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from earned.cli.story.journal import is_balanced, journal_entries, journal_lines
from earned.cli.story.wire import Json, Wire, total
from earned.domain.accounting import OPEN_ENDED
from earned.domain.accrual import fund_value
from earned.domain.exact import add, subtract
from earned.domain.money import Currency, major, parse_amount

_SAMPLE = 8


@dataclass(frozen=True, slots=True)
class Figures:
    """Objects as the API answers them; `items` are by the number of their revenue schedule."""

    accounts: Sequence[Json]
    balances: Sequence[Json]
    funds: Sequence[Json]
    days: Sequence[Json]
    ratings: Sequence[Json]
    schedules: Sequence[Json]
    items: Mapping[str, Sequence[Json]]
    periods: Sequence[Json]
    entries: Sequence[Json]


@dataclass(frozen=True, slots=True)
class FundLine:
    """A fund, what was drawn from it and earned with it, and what was used beyond it."""

    account: str
    unit: str
    start: str
    end: str
    funded: Decimal
    drawn: Decimal
    left: Decimal
    currency: str
    price: Decimal
    earned: Decimal
    overage: Decimal
    rated: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """What an account has bought, and how much of it is revenue by now."""

    account: str
    currency: str
    recognised: Decimal
    earned_not_closed: Decimal
    deferred: Decimal
    sold: Decimal


@dataclass(frozen=True, slots=True)
class PeriodAmount:
    """What the revenue schedules of an account hold in an accounting period."""

    period: str
    status: str
    account: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Tie:
    """Two ways to the same number, tried on `count` things; `broken` names where they differ."""

    claim: str
    count: int
    broken: Sequence[str]


def read_figures(wire: Wire) -> Figures:
    """Read the books through the API."""
    schedules = list(wire.query("revenue-schedules"))
    return Figures(
        accounts=list(wire.query("accounts", **{"sort[]": "accountnumber.ASC"})),
        balances=list(wire.query("prepaid-balances")),
        funds=list(wire.query("prepaid-balance-funds", **{"sort[]": "startdate.ASC"})),
        days=list(wire.query("daily-consumption-summaries")),
        ratings=list(wire.query("rating-results")),
        schedules=schedules,
        items={row["number"]: _items(wire, row["number"]) for row in schedules},
        periods=wire.get("/v1/accounting-periods")["accountingPeriods"],
        entries=list(journal_entries(wire)),
    )


def wire_figures(figures: Figures, today: date) -> Mapping[str, object]:
    """Return the same as the tables show, for machines."""
    return {
        "funds": [asdict(line) for line in fund_lines(figures, today)],
        "revenueByPeriod": [asdict(amount) for amount in period_amounts(figures)],
        "journal": [asdict(line) for line in journal_lines(figures.entries)],
        "totals": [asdict(sums) for sums in sums_of(figures)],
        "ties": [asdict(tie) for tie in ties_of(figures)],
    }


def ties_of(figures: Figures) -> Sequence[Tie]:
    """Compute what must be equal, each side from other objects."""
    days: dict[str, list[Json]] = {}
    for day in (day for day in figures.days if "ending" not in day):
        days.setdefault(day.get("fundId") or day["ratingResultId"], []).append(day)

    def daily(row: Json, name: str) -> Decimal:
        return total(days.get(row["id"], ()), name)

    return [
        _tie(
            "units drawn from a fund = its daily quantities",
            figures.funds,
            lambda fund: _drawn(fund) == daily(fund, "dailyTotalQuantity"),
        ),
        _tie(
            "price x drawn / funded, rounded = its daily amounts",
            figures.funds,
            lambda fund: _earned(fund) == daily(fund, "dailyConsumptionAmount"),
        ),
        _tie(
            "rated overage of a month = its daily amounts",
            figures.ratings,
            lambda rating: rating["amount"] == daily(rating, "dailyConsumptionAmount"),
        ),
        _tie(
            "amount of a revenue schedule = its items",
            figures.schedules,
            lambda row: row["amount"] == total(figures.items[row["number"]], "amount"),
        ),
        _tie("debits of a journal entry = its credits", figures.entries, is_balanced),
        _tie(
            "prices of an account's funds = what their schedules defer and recognise",
            figures.accounts,
            lambda account: (
                total(_of(account, figures.funds), "fundingPrice")
                == total(_of_funds(account, figures), "amount")
            ),
        ),
    ]


def fund_lines(figures: Figures, today: date) -> Sequence[FundLine]:
    """Return the funds that have begun, by account and day."""
    units = {balance["id"]: balance["uOM"] for balance in figures.balances}
    return [
        _fund_line(account, fund, units[fund["prepaidBalanceId"]], figures)
        for account in figures.accounts
        for fund in _of(account, figures.funds)
        if fund["startDate"] <= today.isoformat()
    ]


def sample(figures: Figures) -> Sequence[Json]:
    """Return the daily rows of an account around the first day on which it has overage.

    Where nobody has any, the last rows there are.
    """
    rows = sorted(figures.days, key=lambda day: (day["transactionDate"], "fundId" not in day))
    first = next((day for day in rows if "fundId" not in day), None)
    if first is None:
        return rows[-_SAMPLE:]
    mine = [day for day in rows if day["accountId"] == first["accountId"]]
    place = mine.index(first)
    return mine[max(place - _SAMPLE // 2, 0) :][:_SAMPLE]


def period_amounts(figures: Figures) -> Iterator[PeriodAmount]:
    """Yield what the schedules of each account hold in each period, where it is anything."""
    for period in figures.periods:
        for account in figures.accounts:
            amount = total(
                (
                    item
                    for item in _items_of(account, figures)
                    if item["accountingPeriodName"] == period["name"]
                ),
                "amount",
            )
            if amount:
                yield PeriodAmount(
                    period["name"],
                    period["status"],
                    account["accountNumber"],
                    account["currency"],
                    amount,
                )


def sums_of(figures: Figures) -> Sequence[Sums]:
    """Return what each account has bought, and how much of it is revenue by now."""
    return [_sums(account, figures) for account in figures.accounts]


def _sums(account: Json, figures: Figures) -> Sums:
    items = list(_items_of(account, figures))
    closed = [item for item in items if item["isAccountingPeriodClosed"]]
    waiting = [item for item in items if item["accountingPeriodName"] == OPEN_ENDED]
    recognised, deferred = total(closed, "amount"), total(waiting, "amount")
    held = total(items, "amount")
    return Sums(
        account=account["accountNumber"],
        currency=account["currency"],
        recognised=recognised,
        earned_not_closed=subtract(held, add(recognised, deferred)),
        deferred=deferred,
        sold=total(_of(account, figures.schedules), "amount"),
    )


def _fund_line(account: Json, fund: Json, unit: str, figures: Figures) -> FundLine:
    beyond = [
        rating
        for rating in _of(account, figures.ratings)
        if fund["startDate"] <= rating["serviceStartDate"] < fund["endDate"]
    ]
    return FundLine(
        account=account["accountNumber"],
        unit=unit,
        start=fund["startDate"],
        end=fund["endDate"],
        funded=Decimal(fund["fundedBalance"]),
        drawn=_drawn(fund),
        left=Decimal(fund["balance"]),
        currency=fund["currency"],
        price=Decimal(fund["fundingPrice"]),
        earned=_earned(fund),
        overage=total(beyond, "quantity"),
        rated=total(beyond, "amount"),
    )


def _drawn(fund: Json) -> Decimal:
    """Return the units that usage took from a fund: neither left nor expired."""
    unused = add(Decimal(fund["balance"]), Decimal(fund["expired"]))
    return subtract(Decimal(fund["fundedBalance"]), unused)


def _earned(fund: Json) -> Decimal:
    """Return what the drawn units of a fund are worth, by the rule of the books."""
    currency = Currency.of(fund["currency"])
    price = parse_amount(fund["fundingPrice"], currency, "fundingPrice")
    value = fund_value(price, Decimal(fund["fundedBalance"]), currency)
    return major(value(_drawn(fund)), currency)


def _of(account: Json, rows: Iterable[Json]) -> Iterator[Json]:
    """Yield the rows of an account."""
    return (row for row in rows if row["accountId"] == account["id"])


def _of_funds(account: Json, figures: Figures) -> Iterator[Json]:
    """Yield the items of the schedules that the system keeps for an account's funds."""
    for schedule in _of(account, figures.schedules):
        if "fundId" in schedule:
            yield from figures.items[schedule["number"]]


def _items_of(account: Json, figures: Figures) -> Iterator[Json]:
    for schedule in _of(account, figures.schedules):
        yield from figures.items[schedule["number"]]


def _tie(claim: str, rows: Sequence[Json], holds: Callable[[Json], bool]) -> Tie:
    broken = [row.get("number") or row["id"] for row in rows if not holds(row)]
    return Tie(claim, len(rows), broken)


def _items(wire: Wire, number: str) -> Sequence[Json]:
    found: Sequence[Json] = wire.get(f"/v1/revenue-items/revenue-schedules/{number}")[
        "revenueItems"
    ]
    return found
