"""Audit the books: read all that is stored, recompute what must be true, tell every break.

One account at a time, one fund at a time: what is held does not grow with the size of the books.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from earned.domain.account import Account
from earned.domain.audit import (
    Break,
    check_balance,
    check_fund,
    check_guided,
    check_origin,
    check_place,
    check_rounding,
    check_steps,
    check_validity_period,
    overage,
)
from earned.domain.audit_amounts import Spent, check_costs, check_open, check_paid, spent
from earned.domain.audit_billed import check_billed_fund, check_rating_item
from earned.domain.audit_collected import check_gave, check_overage_schedules
from earned.domain.audit_days import (
    check_days,
    check_events,
    check_overage,
    check_rated,
    check_rated_individually,
    check_rating,
    check_rolled,
    day_of_guided,
)
from earned.domain.audit_ledger import DayOf, Steps, Tally
from earned.domain.audit_notifications import check_notification
from earned.domain.audit_schedules import check_fund_schedule, check_rolled_price
from earned.domain.calendar import Days
from earned.domain.catalog import UnitOfMeasure
from earned.domain.consumption import DailyConsumption, RatingResult
from earned.domain.exact import ONE
from earned.domain.individual import RecordPrice
from earned.domain.money import Currency
from earned.domain.prepaid import BalanceTransaction, Fund, PrepaidBalance
from earned.domain.rating import fee_of_nothing
from earned.domain.rating_group import is_grouped
from earned.domain.subscription import RatePlanCharge, by_segment
from earned.domain.usage import GuidedUsage
from earned.services.audit_documents import audit_documents, billing_of
from earned.services.audit_imports import audit_imports
from earned.services.audit_journal import audit_journal
from earned.services.audit_log import audit_log
from earned.services.audit_schedules import audit_schedules
from earned.services.audit_subscriptions import audit_subscriptions
from earned.services.batches import batches
from earned.services.ports import Books
from earned.services.series_rows import charge_segment

Counted = Counter[str]
Used = dict[DayOf, Spent]
Units = Mapping[str, UnitOfMeasure]


def audit_books(books: Books, counted: Counted) -> Iterator[Break]:
    """Yield every break of what `domain.audit` says must be true, and count what was looked at."""
    units = {unit.name: unit for unit in books.units.list()}
    rated = _Rated(books.rated_for_others())
    for account in books.accounts.stream(order_by=["id"]):
        counted["accounts"] += 1
        used: Used = defaultdict(Spent)
        yield from _audit_usage(books, account, units, used, rated, counted)
        if rated.takes(books, account.id, used):
            yield from _audit_ratings(books, account.id, units, used, counted)
        for balance in books.balances.list(account_id=account.id, order_by=["id"]):
            yield from _audit_balance(books, balance, counted)
    for account_id, known in sorted(rated.later.items()):
        yield from _audit_ratings(books, account_id, units, known, counted)
    yield from audit_subscriptions(books)
    for notification in books.notifications.stream():
        yield from check_notification(notification)
    yield from audit_schedules(books, counted)
    yield from audit_documents(books, counted)
    yield from audit_journal(books, counted)
    yield from audit_imports(books, counted)
    yield from audit_log(books, counted)


class _Rated:
    """What is known of the overage of accounts that usage of others counts for, until it is all."""

    def __init__(self, account_ids: Iterable[str]) -> None:
        """Wait for the usage of the others with these accounts."""
        self.later: dict[str, Used] = {key: defaultdict(Spent) for key in account_ids}
        self._charges: dict[str, RatePlanCharge] = {}
        self._rates: dict[tuple[str, int], Decimal] = {}

    def takes(self, books: Books, account_id: str, used: Used) -> bool:
        """Count what is of other accounts for them; say whether the account's own is known now."""
        if not self.later:
            return True
        for key in list(used):
            owner = self.charge(books, key.charge_id).account_id
            if owner in self.later:
                known = self.later[owner]
                known[key] = known[key].plus(used.pop(key))
        return account_id not in self.later

    def charge(self, books: Books, charge_id: str) -> RatePlanCharge:
        """Return the first segment of a charge, by its original id."""
        if charge_id not in self._charges:
            self._charges[charge_id] = charge_segment(books, charge_id, 1)
        return self._charges[charge_id]

    def rate(self, books: Books, guided: GuidedUsage) -> Decimal:
        """Return the drawdown rate of guided usage; of a charge that is not there, one."""
        key = guided.segment_key
        if key not in self._rates:
            found = books.charges.find(original_id=key[0], segment=key[1], is_latest=True)
            self._rates[key] = found.rate if found else ONE
        return self._rates[key]


def _audit_usage(
    books: Books,
    account: Account,
    units: Units,
    used: Used,
    rated: _Rated,
    counted: Counted,
) -> Iterator[Break]:
    """Check an account's usage against the ledger, and add up what it is overage of."""
    for records in batches(books.usage.stream(account_id=account.id)):
        counted["usage records"] += len(records)
        by_id = {record.id: record for record in records}
        ledger = _by_source(books.transactions.list(usage_id=list(by_id)))
        for guided in books.guided_usage.list(usage_id=list(by_id)):
            rows = ledger.pop(guided.id, [])
            record = by_id[guided.usage_id]
            yield from check_guided(guided, record, rows)
            if guided.uom in units and not guided.deleted:
                yield from check_rounding(guided, record, units[guided.uom])
            key = day_of_guided(guided)
            if guided.amount_minor is None:
                beyond = overage(guided, rows, rated.rate(books, guided))
                used[key] = used[key].plus(Spent(beyond))
            else:
                currency = Currency.of(rated.charge(books, guided.charge_id).currency)
                yield from check_paid(guided, rows, currency)
                used[key] = used[key].plus(spent(guided, rows, currency))
        for row in (row for rows in ledger.values() for row in rows):
            check = "balance transaction comes from guided usage"
            yield Break(check, "BalanceTransaction", row.id, row.source_id, "no guided usage")


def _audit_ratings(
    books: Books, account_id: str, units: Units, used: Used, counted: Counted
) -> Iterator[Break]:
    """Check the overage of an account's charges against the usage that counts on them."""
    charges = books.charges.list(account_id=account_id, charge_type="Usage", is_latest=True)
    segments = by_segment(charges)
    days: list[DailyConsumption] = []
    for charge_id in sorted({charge.original_id for charge in charges}):
        billing = billing_of(books, charge_id)
        for rating in books.rating_results.list(charge_id=charge_id, order_by=["id"]):
            counted["rating results"] += 1
            rows = books.consumption.list(
                rating_result_id=rating.id, order_by=["transaction_date", "id"]
            )
            counted["daily rows"] += len(rows)
            yield from check_rating(rating, rows)
            charge = segments.get((charge_id, rating.charge_segment))
            unnamed = check_rating_item(rating, *billing)
            yield from (one for one in unnamed if not _came_later(books, rating, charge))
            if charge is None or not charge.is_of_currency:
                yield from _audit_rated(books, rating, charge, units, rows)
            yield from _audit_overage(books, rating, rows)
            days += rows
    yield from check_overage({key: one.quantity for key, one in used.items()}, days)
    for charge in charges:
        if charge.is_of_currency:
            yield from _audit_amounts(books, charge, used, days)


def _came_later(books: Books, rating: RatingResult, charge: RatePlanCharge | None) -> bool:
    """Say whether a rating group names no item because no invoice item bills usage of it."""
    if rating.invoice_item_id is not None or charge is None or not is_grouped(charge):
        return False
    days = Days(rating.service_start_date, rating.service_end_date)
    own, segment = charge.original_id, charge.segment
    guided = books.guided_usage.list(
        charge_id=own, charge_segment=segment, group_key=rating.group_key
    )
    mine = [one.id for one in guided if one.usage_date in days]
    billed = [row for some in batches(mine) for row in books.processed_usage.list(guided_id=some)]
    return all(row.invoice_item_id is None for row in billed)


def _audit_rated(
    books: Books,
    rating: RatingResult,
    charge: RatePlanCharge | None,
    units: Units,
    rows: Sequence[DailyConsumption],
) -> Iterator[Break]:
    """Check what usage costs, all of it or record by record.

    Whether a fee is due where nothing was used is said anew by the next bill run, so that both
    are right: that there is one, and that there is none.
    """
    currency = books.currency(rating.currency)
    fees = {Fraction(0), fee_of_nothing(charge, charge.currency)} if charge else {Fraction(0)}
    if charge is None or not rating.is_individual:
        found = (list(check_rated(rating, charge, units, currency, rows, fee)) for fee in fees)
    else:
        days = Days(rating.service_start_date, rating.service_end_date)
        own, segment = charge.original_id, charge.segment
        records = books.uncovered_usage(own, segment, days, rating.group_key)
        prices = [RecordPrice(charge, currency, fee) for fee in fees]
        found = (list(check_rated_individually(rating, one, rows, records)) for one in prices)
    yield from min(found, key=len)


def _audit_amounts(
    books: Books, charge: RatePlanCharge, used: Used, days: Sequence[DailyConsumption]
) -> Iterator[Break]:
    """Check what usage costs that funds in currency pay for, and what they have not paid."""
    ratings = books.rating_results.list(charge_id=charge.original_id, charge_segment=charge.segment)
    yield from check_costs(used, ratings, charge, books.currency(charge.currency))
    mine = [row for row in days if row.usage_charge_id == charge.original_id]
    if charge.segment == 1:
        yield from check_open(used, mine, charge.original_id)


def _audit_overage(
    books: Books, rating: RatingResult, rows: Sequence[DailyConsumption]
) -> Iterator[Break]:
    """Check the events of a rating result, and what was collected of them."""
    events = books.events.list(rating_result_id=rating.id)
    yield from check_events(rows, events)
    schedules = books.schedules.list(rating_result_id=rating.id)
    yield from check_overage_schedules(rating, events, schedules)
    yield from check_gave(events, books.collected.list(event_id=[event.id for event in events]))


def _audit_balance(books: Books, balance: PrepaidBalance, counted: Counted) -> Iterator[Break]:
    """Check a prepaid balance with all that hangs on it."""
    counted["prepaid balances"] += 1
    funds = books.funds.list(prepaid_balance_id=balance.id, order_by=["id"])
    steps = Steps()
    by_id = {fund.id: fund for fund in funds}
    for charge_id in {fund.source_id for fund in funds}:
        billing = billing_of(books, charge_id)
        for fund in (one for one in funds if one.source_id == charge_id):
            yield from check_billed_fund(fund, *billing)
    for fund in funds:
        yield from _audit_fund(books, fund, balance, steps, counted)
        rolled = [one for one in funds if one.origin_fund_id == fund.id]
        yield from check_origin(fund, by_id.get(fund.origin_fund_id or ""), rolled)
    yield from check_steps(steps)
    yield from check_balance(balance, funds)
    for period in books.validity_periods.list(prepaid_balance_id=balance.id, order_by=["id"]):
        yield from check_validity_period(period, funds)


def _audit_fund(
    books: Books, fund: Fund, balance: PrepaidBalance, steps: Steps, counted: Counted
) -> Iterator[Break]:
    counted["funds"] += 1
    ledger = Tally()
    for row in books.transactions.stream(fund_id=fund.id, order_by=["sequence"]):
        ledger.count_in(row)
        steps.count_in(row)
    counted["balance transactions"] += ledger.count
    yield from check_fund(fund, ledger)
    drawers = {day.charge_id for day in ledger.days if not day.ending}
    charges = books.charges.list(original_id=list(drawers), is_latest=True) if drawers else ()
    yield from check_place(fund, balance, charges)
    rows = books.consumption.list(fund_id=fund.id)
    counted["daily rows"] += len(rows)
    currency, events = books.currency(fund.currency), books.events.list(fund_id=fund.id)
    yield from check_days(fund, currency, ledger.days, rows)
    yield from check_rolled(fund, currency, ledger.rolled, events)
    yield from check_events(rows, events)
    further = books.schedules.list(credited_fund_id=fund.id)
    yield from check_fund_schedule(fund, books.schedules.find(fund_id=fund.id), further)
    yield from check_rolled_price(fund, books.schedules.list(rolled_fund_id=fund.id))


def _by_source(rows: Iterable[BalanceTransaction]) -> dict[str, list[BalanceTransaction]]:
    found: dict[str, list[BalanceTransaction]] = defaultdict(list)
    for row in rows:
        found[row.source_id].append(row)
    return found
