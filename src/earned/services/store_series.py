"""Write what a group of usage changed: balances, funds, ratings, daily rows and revenue events."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from earned.domain.consumption import RatingResult
from earned.domain.individual import IndividualAccrual
from earned.domain.notifying import Held
from earned.services.open_series import OpenBalance, OpenFund, OpenRating, OpenValidityPeriod
from earned.services.ports import Books
from earned.services.series_rows import Stored, fund_series, rating_series, series_rows
from earned.services.tell_thresholds import Change, tell_thresholds

_MOVING = ("quantity", "amount_minor", "updated_at")
_MOVING_OF_DAYS = ("units", *_MOVING)


def settle(
    books: Books, balances: Collection[OpenBalance], ratings: Collection[OpenRating]
) -> Sequence[Stored]:
    """Bring the daily amounts of all that moved up to date; return their rows, yet to be stored.

    Whoever is to be told of what is left is told already.
    """
    _tell(books, balances)
    rows: list[Stored] = []
    for balance in balances:
        for fund in balance.moved.values():
            days = fund.accrual.settle(books.now)
            rows += series_rows(books, fund_series(books, fund.fund), days)
    for rating in ratings:
        if rating.changed:
            days = rating.accrual.settle(books.now)
            rating.row = _rating_result(books, rating)
            rows += series_rows(books, rating_series(books, rating.row), days)
    return rows


def store_balances(books: Books, balances: Collection[OpenBalance]) -> None:
    """Write the balances that moved with their funds and validity periods; keep them all."""
    moved = [balance for balance in balances if balance.moved]
    funds = [fund for balance in moved for fund in balance.moved.values()]
    ended = [fund for balance in moved if balance.has_ended for fund in balance.moved.values()]
    periods = {fund.validity_period.summary.id: fund.validity_period for fund in funds}
    for balance in moved:
        balance.version += 1
        balance.moved.clear()
    books.balances.update_all([_balance_change(books, balance) for balance in moved])
    books.funds.update_all([_fund_change(books, fund) for fund in funds])
    books.funds.update_all([{"id": fund.fund.id, "expired": fund.expired} for fund in ended])
    books.validity_periods.update_all([_period_change(books, p) for p in periods.values()])
    for balance in balances:
        books.keep(balance.row.id, balance.version, balance)


def store_ratings(books: Books, ratings: Collection[OpenRating]) -> None:
    """Write the rating results that changed; keep those that are stored.

    A new one is inserted, never written over one that another process has stored meanwhile: there
    was no row to lock, and the conflict has the group tried again.
    """
    changed = [(r.version, r.row) for r in ratings if r.changed and r.row]
    books.rating_results.add_all([row for version, row in changed if not version])
    books.rating_results.save_all([row for version, row in changed if version])
    for rating in ratings:
        rating.changed = False
        if rating.row is not None:
            rating.version = rating.row.version
            books.keep(rating.id, rating.version, rating)


def store_days(books: Books, rows: Sequence[Stored]) -> None:
    """Write daily rows and their events: new ones whole, known ones what moved.

    What an event has been collected for is not ours to write.
    """
    created = [row for row in rows if row[0].created_at == books.now]
    known = [row for row in rows if row[0].created_at != books.now]
    books.consumption.save_all([day for day, _ in created], only=_MOVING_OF_DAYS)
    books.events.save_all([event for _, event in created], only=_MOVING)
    books.consumption.update_all([_moved(day, _MOVING_OF_DAYS) for day, _ in known])
    books.events.update_all([_moved(event, _MOVING) for _, event in known])


def _moved(row: object, names: Sequence[str]) -> Mapping[str, object]:
    return {name: getattr(row, name) for name in ("id", *names)}


def _balance_change(books: Books, balance: OpenBalance) -> Mapping[str, object]:
    change = {"id": balance.row.id, "balance": balance.balance, "version": balance.version}
    return change | books.restamp()


def _fund_change(books: Books, fund: OpenFund) -> Mapping[str, object]:
    change = {
        "id": fund.fund.id,
        "balance": fund.balance,
        "transaction_count": fund.transaction_count,
    }
    return change | books.restamp()


def _period_change(books: Books, period: OpenValidityPeriod) -> Mapping[str, object]:
    return {"id": period.summary.id, "remaining_balance": period.remaining} | books.restamp()


def _tell(books: Books, balances: Iterable[OpenBalance]) -> None:
    """Tell of what is left of validity periods, where it is another than was told last."""
    moved = (fund.validity_period for balance in balances for fund in balance.moved.values())
    periods = [period for period in moved if period.remaining != period.told]
    tell_thresholds(books, (_change(period) for period in {id(p): p for p in periods}.values()))
    for period in periods:
        period.told = period.remaining


def _change(period: OpenValidityPeriod) -> Change:
    total = period.summary.total_balance
    return Change(period.summary, Held(total, period.told), Held(total, period.remaining))


def _rating_result(books: Books, rating: OpenRating) -> RatingResult:
    charge, known = rating.charge, rating.row
    return RatingResult(
        id=rating.id,
        entity_id=charge.entity_id,
        account_id=charge.account_id,
        charge_id=charge.original_id,
        charge_number=charge.number,
        charge_segment=charge.segment,
        original_subscription_id=charge.original_subscription_id,
        currency=charge.currency,
        service_start_date=rating.period.start,
        service_end_date=rating.period.end,
        quantity=rating.accrual.measured,
        amount_minor=rating.accrual.amount_minor,
        group_key=rating.group_key,
        is_individual=isinstance(rating.accrual, IndividualAccrual),
        invoice_item_id=known.invoice_item_id if known else None,
        version=rating.version + 1,
        created_by=known.created_by if known else books.scope.user_id,
        created_at=known.created_at if known else books.now,
        updated_by=books.scope.user_id,
        updated_at=books.now,
    )
