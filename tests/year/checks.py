"""What must be true whenever a month has been closed: the books say what is reckoned, exactly."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from tests.reports import RECOGNIZED, ROLL_FORWARD, USAGE, WATERFALL
from tests.year import statements
from tests.year.closing import OBLIGATIONS, RECEIVABLES, TRIAL_BALANCE, Close, Row
from tests.year.company import RECEIVABLE
from tests.year.money import CURRENCIES
from tests.year.months import period_name
from tests.year.reckoner import REVENUE, Reckoner

REVENUE_TYPES = ("SalesRevenue", "OtherRevenue")


def check(reckoner: Reckoner, close: Close) -> None:
    """See that every report says what is reckoned, and that they agree with one another."""
    roll_forward_ties_out(reckoner, close)
    waterfall_ties_out(reckoner, close)
    recognized_revenue_is_what_the_journal_credited(reckoner, close)
    trial_balance_ties_out(reckoner, close)
    receivables_tie_out(reckoner, close)
    obligations_tie_out(reckoner, close)
    usage_is_explained(reckoner, close)


def _minors(row: Row, *names: str) -> dict[str, int]:
    money = CURRENCIES[row["currency"]]
    return {name: money.minor(row[name]) for name in names}


def _months(reckoner: Reckoner) -> dict[str, int]:
    return {period_name(month): month for month in statements.columns(reckoner)}


def roll_forward_ties_out(reckoner: Reckoner, close: Close) -> None:
    months, expected = _months(reckoner), statements.roll_forward(reckoner)
    names = next(iter(expected.values()))
    found = {}
    for row in close.rows(ROLL_FORWARD):
        month = months[row["accountingPeriodName"]]
        assert row["status"] == ("closed" if month < reckoner.closed else "open")
        code = row["deferredRevenueAccountingCode"]
        found[row["currency"], code, month] = _minors(row, *names)
    assert found == expected
    _rolls(found)
    closing: Counter[str] = Counter()
    for (currency, _, month), minors in found.items():
        closing[currency] += minors["closing"] if month == close.month else 0
    assert closing == statements.deferred(reckoner, close.month)


def _rolls(rows: Mapping[tuple[str, str, int], Mapping[str, int]]) -> None:
    """Each month opens with what the last one closed with, and adds up."""
    gone = ("recognizedByDrawdown", "recognizedBySchedule", "breakage", "credits")
    for (currency, code, month), row in rows.items():
        before = rows.get((currency, code, month - 1))
        assert row["opening"] == (before["closing"] if before else 0)
        flows = row["additions"] - sum(row[name] for name in gone)
        assert row["closing"] == row["opening"] + flows
        assert row["closing"] == row["unrecognized"]


def _headings(reckoner: Reckoner) -> dict[int, str]:
    return {
        month: f"{name} ({'recognized' if month < reckoner.closed else 'open'})"
        for name, month in _months(reckoner).items()
    }


def waterfall_ties_out(reckoner: Reckoner, close: Close) -> None:
    headings, found = _headings(reckoner), Counter[tuple[object, ...]]()
    totals: Counter[tuple[str, int]] = Counter()
    for row in close.rows(WATERFALL):
        cells = _minors(row, *headings.values())
        sums = _minors(row, "amount", "recognizedRevenue", "unrecognizedRevenue")
        assert sum(cells.values()) == sums["amount"]
        closed = sum(cells[headings[month]] for month in range(reckoner.closed))
        assert (closed, sums["amount"] - closed) == tuple(sums.values())[1:]
        key = (row["currency"], row["accountNumber"], row["revenueScheduleDate"])
        found[(*key, sums["amount"], tuple(cells.values()))] += 1
        for month, heading in headings.items():
            totals[row["currency"], month] += cells[heading]
    assert found == statements.waterfall(reckoner)
    for row in close.rows(WATERFALL, "total"):
        for month, minor in zip(headings, _minors(row, *headings.values()).values(), strict=True):
            assert minor == totals[row["currency"], month]


def recognized_revenue_is_what_the_journal_credited(reckoner: Reckoner, close: Close) -> None:
    """The column of each closed month, its revenue, and what its runs credited are one number."""
    months = _months(reckoner)
    revenue: Counter[tuple[str, int]] = Counter()
    found: Counter[tuple[str, int, str, str]] = Counter()
    for row in close.rows(RECOGNIZED):
        month, minor = months[row["accountingPeriodName"]], _minors(row, "amount")["amount"]
        code = row["recognizedRevenueAccountingCode"]
        found[row["currency"], month, code, row["accountNumber"]] += minor
        revenue[row["currency"], month] += minor
    assert found == statements.recognized(reckoner)
    columns: Counter[tuple[str, int]] = Counter()
    for row in close.rows(WATERFALL, "total"):
        for month, heading in _headings(reckoner).items():
            if month < reckoner.closed:
                columns[row["currency"], month] = _minors(row, heading)[heading]
    assert _nonzero(revenue) == _nonzero(columns) == _nonzero(credited(reckoner))


def credited(reckoner: Reckoner) -> Counter[tuple[str, int]]:
    """Return what was posted to revenue codes in closed months, and is in a journal."""
    found: Counter[tuple[str, int]] = Counter()
    for one in reckoner.postings:
        if one.type == REVENUE and one.month < reckoner.closed:
            assert one.in_journal
            found[one.currency, one.month] += one.amount
    return found


def _nonzero(minors: Mapping[tuple[str, int], int]) -> dict[tuple[str, int], int]:
    return {key: minor for key, minor in minors.items() if minor}


def trial_balance_ties_out(reckoner: Reckoner, close: Close) -> None:
    names = ("opening", "debits", "credits", "closing")
    for month in range(max(close.month - 1, 0), close.month + 1):
        found = {}
        for row in close.rows(f"{TRIAL_BALANCE} {month}"):
            code = (row["accountingCodeName"], row["accountingCodeType"])
            found[row["currency"], code] = tuple(_minors(row, *names).values())
        assert found == statements.trial_balance(reckoner, month)
        for row in close.rows(f"{TRIAL_BALANCE} {month}", "total"):
            sums = _minors(row, *names)
            assert sums["debits"] == sums["credits"]
            assert sums["opening"] == sums["closing"] == 0


def receivables_tie_out(reckoner: Reckoner, close: Close) -> None:
    months, expected = _months(reckoner), statements.receivables(reckoner)
    names = next(iter(expected.values()))
    found = {
        (row["currency"], months[row["accountingPeriodName"]]): _minors(row, *names)
        for row in close.rows(RECEIVABLES)
    }
    assert found == expected
    for row in close.rows(f"{TRIAL_BALANCE} {close.month}"):
        if row["accountingCodeName"] == RECEIVABLE[0]:
            owed = found[row["currency"], close.month]
            assert _minors(row, "opening", "closing") == {
                name: owed[name] for name in ("opening", "closing")
            }


def obligations_tie_out(reckoner: Reckoner, close: Close) -> None:
    found = {}
    for row in close.rows(OBLIGATIONS):
        minors = _minors(row, "remaining", "recognized")
        found[row["currency"], row["year"]] = tuple(minors.values())
    assert found == statements.obligations(reckoner)


def usage_is_explained(reckoner: Reckoner, close: Close) -> None:
    expected = statements.earned_by_usage(reckoner)
    for row in close.rows(USAGE):
        assert not Fraction(row["unitsUnexplained"] or 0)
        minors = _minors(row, "unexplained", "beyondPrice") if row["unexplained"] else {}
        assert not any(minors.values())
    for row in close.rows(USAGE, "total"):
        names = ("collected", "distributedByHand", "inPeriods", "unexplained")
        said = _minors(row, *names)
        assert said["collected"] == said["inPeriods"] == expected[row["currency"]]
        assert said["distributedByHand"] == said["unexplained"] == 0


def nothing_closed_has_changed(before: Close, after: Close) -> None:
    """See that months closed at both moments, and between them, say the same line for line."""
    name = f"{TRIAL_BALANCE} {after.month - 1}"
    assert before.files.get(name) == after.files.get(name)
    for month in range(after.month):
        for name in (ROLL_FORWARD, RECOGNIZED, RECEIVABLES):
            assert _lines(before, name, month) == _lines(after, name, month)
        assert _column(before, month) == _column(after, month)


def _lines(close: Close, name: str, month: int) -> list[Row]:
    period = period_name(month)
    return [row for row in close.rows(name) if row["accountingPeriodName"] == period]


def _column(close: Close, month: int) -> dict[str, str]:
    """Return what lies in a month, by schedule; later schedules have nothing in it."""
    heading = f"{period_name(month)} (recognized)"
    return {
        row["revenueScheduleNumber"]: row[heading]
        for row in close.rows(WATERFALL)
        if Fraction(row[heading])
    }
