"""What reports must say, row by row, made of the reckoning; amounts in minor units."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from tests.year.company import Code, Metered
from tests.year.months import OPEN_ENDED, first_day, month_of
from tests.year.reckoner import (
    ADJUSTMENT,
    BREAKAGE,
    CAUSES,
    CREDIT,
    DEBIT,
    DRAWDOWN,
    INVOICE,
    SCHEDULE,
    Reckoner,
    Schedule,
)

Flow = Counter[str]
"""What happens to what is deferred in a month: additions, credits, causes, what waits in it."""


def roll_forward(reckoner: Reckoner) -> dict[tuple[str, str, int], Mapping[str, int]]:
    """Return what is deferred by currency, deferred code and month, with what came and went."""
    flows: dict[tuple[str, str], dict[int, Flow]] = defaultdict(lambda: defaultdict(Counter))
    for one in reckoner.schedules:
        if not one.is_overage:
            flow = flows[_code(one)][_month(reckoner, one.booked)]
            flow["credits" if one.amount < 0 else "additions"] += abs(one.amount)
    for move in reckoner.moved:
        if not move.schedule.is_overage and move.month != OPEN_ENDED:
            is_closed = move.month < reckoner.closed
            flow = flows[_code(move.schedule)][move.month]
            flow[move.cause if is_closed else "waiting"] += move.amount
    found = {}
    for code, months in flows.items():
        opening = 0
        for month in range(reckoner.defined):
            row = _rolled(opening, months[month])
            opening = row["closing"]
            if any(row.values()):
                found[(*code, month)] = row
    return found


def _rolled(opening: int, flow: Flow) -> Mapping[str, int]:
    recognized = sum(flow[cause] for cause in CAUSES)
    closing = opening + flow["additions"] - flow["credits"] - recognized
    return {
        "opening": opening,
        "additions": flow["additions"],
        "recognizedByDrawdown": flow[DRAWDOWN],
        "recognizedBySchedule": flow[SCHEDULE],
        "breakage": flow[BREAKAGE],
        "credits": flow["credits"],
        "closing": closing,
        "unrecognized": closing,
        "difference": 0,
        "unrecognizedInPeriod": flow["waiting"],
    }


def _code(schedule: Schedule) -> tuple[str, str]:
    return schedule.contract.money.code, schedule.contract.deferred[0]


def _month(reckoner: Reckoner, day: date) -> int:
    month = month_of(day)
    return month if month < reckoner.defined else OPEN_ENDED


def deferred(reckoner: Reckoner, month: int) -> Counter[str]:
    """Return by currency what is booked up to a month and lies in none up to it."""
    found: Counter[str] = Counter()
    for one in reckoner.schedules:
        if not one.is_overage:
            booked = one.amount if month_of(one.booked) <= month else 0
            held = sum(minor for at, minor in one.held.items() if at <= month)
            found[one.contract.money.code] += booked - held
    return found


def waterfall(reckoner: Reckoner) -> Counter[tuple[object, ...]]:
    """Return every schedule: whose, of which day, its amount, and its cells, Open-Ended last."""
    return Counter(
        (
            one.contract.money.code,
            one.contract.customer.number,
            one.day.isoformat(),
            one.amount,
            tuple(one.held.get(month, 0) for month in columns(reckoner)),
        )
        for one in reckoner.schedules
    )


def columns(reckoner: Reckoner) -> Sequence[int]:
    return (*range(reckoner.defined), OPEN_ENDED)


def recognized(reckoner: Reckoner) -> Counter[tuple[str, int, str, str]]:
    """Return revenue of closed months by currency, month, code and customer."""
    found: Counter[tuple[str, int, str, str]] = Counter()
    for one in reckoner.schedules:
        contract = one.contract
        for month in range(reckoner.closed):
            key = (contract.money.code, month, contract.revenue[0], contract.customer.number)
            found[key] += one.held.get(month, 0)
    return Counter({key: minor for key, minor in found.items() if minor})


def obligations(reckoner: Reckoner) -> dict[tuple[str, str], tuple[int, int]]:
    """Return what remains and what was recognised, by currency and year; overage is left out."""
    found: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in reckoner.schedules:
        if one.is_overage:
            continue
        for month, minor in one.held.items():
            year = "Open-Ended" if month == OPEN_ENDED else str(first_day(month).year)
            remains, was = found[one.contract.money.code, year]
            is_closed = month < reckoner.closed
            found[one.contract.money.code, year] = (
                remains + (0 if is_closed else minor),
                was + (minor if is_closed else 0),
            )
    return {key: minors for key, minors in found.items() if any(minors)}


def receivables(reckoner: Reckoner) -> dict[tuple[str, int], Mapping[str, int]]:
    """Return what is owed by currency and month."""
    found: dict[tuple[str, int], Mapping[str, int]] = {}
    for currency in {currency for currency, _, _ in reckoner.owed}:
        opening = 0
        for month in range(reckoner.defined):
            moved = {
                name: reckoner.owed[currency, month, kind]
                for name, kind in (
                    ("invoices", INVOICE),
                    ("debitMemos", DEBIT),
                    ("adjustments", ADJUSTMENT),
                    ("creditMemos", CREDIT),
                )
            }
            closing = opening + sum(moved.values()) - 2 * moved["creditMemos"]
            if opening or any(moved.values()):
                found[currency, month] = {"opening": opening, **moved, "closing": closing}
            opening = closing
    return found


def trial_balance(reckoner: Reckoner, month: int) -> dict[tuple[str, Code], tuple[int, ...]]:
    """Return opening, debits, credits and closing of a month, by currency and code."""
    opening: Counter[tuple[str, Code]] = Counter()
    debits: Counter[tuple[str, Code]] = Counter()
    credits_: Counter[tuple[str, Code]] = Counter()
    for one in reckoner.postings:
        amount = abs(one.amount)
        sides = (one.debit, one.credit) if one.amount > 0 else (one.credit, one.debit)
        debit, credit = ((one.currency, code) for code in sides)
        if one.month < month:
            opening[debit] += amount
            opening[credit] -= amount
        elif one.month == month:
            debits[debit] += amount
            credits_[credit] += amount
    rows = {
        key: (opening[key], debits[key], credits_[key], opening[key] + debits[key] - credits_[key])
        for key in opening.keys() | debits.keys() | credits_.keys()
    }
    return {key: row for key, row in rows.items() if any(row)}


def earned_by_usage(reckoner: Reckoner) -> Counter[str]:
    """Return what was collected of usage and of units nobody used, by currency."""
    found: Counter[str] = Counter()
    for move in _by_usage(reckoner):
        found[move[0]] += move[1]
    return found


def _by_usage(reckoner: Reckoner) -> Iterator[tuple[str, int]]:
    for move in reckoner.moved:
        if move.cause != SCHEDULE and isinstance(move.schedule.contract, Metered):
            yield move.schedule.contract.money.code, move.amount
