"""Rate service periods in which nothing was used, where they are billed nevertheless (U 2.20)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from earned.domain.accrual import DayKey
from earned.domain.billing_periods import fee_of_period, has_days_of, usage_periods
from earned.domain.calendar import DAY, Days
from earned.domain.consumption import RatingResult
from earned.domain.exact import ZERO
from earned.domain.money import round_to_minor
from earned.domain.rating import fee_of_nothing
from earned.domain.subscription import RatePlanCharge, by_segment
from earned.services.batches import batches
from earned.services.open_series import OpenRating, Wanted, charge_key, open_ratings
from earned.services.ports import Books
from earned.services.store_series import settle, store_days, store_ratings


def rate_nothing(books: Books, charges: Sequence[RatePlanCharge], target: date) -> None:
    """Rate no usage in service periods that are over by the target date and have none.

    Only of charges that have a fee for that, which is earned on the last day of the period, and of
    all that draw from no funds where the entity bills periods without usage. A fee of days that the
    charge has no more is taken back.
    """
    meant = [charge for charge in charges if _is_meant(books, charge)]
    ids = dict.fromkeys(charge.original_id for charge in meant)
    ratings = [row for some in batches(ids) for row in books.rating_results.list(charge_id=some)]
    for some in batches(_unrated(meant, charges, _rated(charges, ratings), target)):
        opened = open_ratings(books, some, claim=True, anew=True).values()
        for rating in opened:
            rating.accrual.move(_last_day(rating), ZERO, books.now)
        _store(books, list(opened))
    for some in batches(_changed(books, meant, ratings)):
        opened = open_ratings(books, some, anew=True).values()
        for rating in opened:
            rating.accrual.revalue()
        _store(books, list(opened))


def _is_meant(books: Books, charge: RatePlanCharge) -> bool:
    if charge.is_prepaid:
        return False
    is_billed = books.settings.bill_periods_without_usage
    return is_billed or bool(fee_of_nothing(charge, charge.currency))


def _rated(
    charges: Sequence[RatePlanCharge], ratings: Iterable[RatingResult]
) -> dict[tuple[str, date], bool]:
    """Return the service periods that something was rated of, in whichever segment.

    Say of each whether that counts for a fee: not if it was nothing, in a segment that has no days
    of the period any more, which asks for no fee.
    """
    segments, rated = by_segment(charges), dict[tuple[str, date], bool]()
    for row in ratings:
        key = row.charge_id, row.service_start_date
        charge = segments.get((row.charge_id, row.charge_segment))
        period = Days(row.service_start_date, row.service_end_date)
        is_there = charge is not None and has_days_of(charge, period)
        rated[key] = rated.get(key, False) or row.quantity > 0 or is_there
    return rated


def _unrated(
    meant: Iterable[RatePlanCharge],
    charges: Sequence[RatePlanCharge],
    rated: Mapping[tuple[str, date], bool],
    target: date,
) -> Iterator[Wanted]:
    """Yield the service periods that nothing was rated of, in whichever segment.

    Of several, the one that has the end of the period says what it costs. One of 0.00 is there
    once, whatever became of its segment.
    """
    for charge in meant:
        has_fee = bool(fee_of_nothing(charge, charge.currency))
        for period in usage_periods(charge, target):
            counts = rated.get((charge.original_id, period.start))
            is_rated = bool(counts) if has_fee else counts is not None
            if not is_rated and not _goes_on(charge, period, charges):
                yield charge, period, None


def _goes_on(charge: RatePlanCharge, period: Days, charges: Iterable[RatePlanCharge]) -> bool:
    """Say whether another segment of the charge has the rest of a period."""
    end = charge.effective_end_date
    if end is None or end >= period.end:
        return False
    others = (one for one in charges if one.original_id == charge.original_id and len(one.days))
    return any(one.effective_start_date == end for one in others)


def _changed(
    books: Books, charges: Iterable[RatePlanCharge], ratings: Iterable[RatingResult]
) -> Iterator[Wanted]:
    """Yield the service periods without usage whose fee is another now: their charge was ended."""
    segments = {(one.original_id, one.segment): one for one in charges}
    for row in ratings:
        charge = segments.get((row.charge_id, row.charge_segment))
        if charge is None or row.quantity > 0:
            continue
        period = Days(row.service_start_date, row.service_end_date)
        fee = round_to_minor(fee_of_period(charge, period), books.currency(row.currency))
        if fee != row.amount_minor:
            yield charge, period, row.group_key


def _last_day(rating: OpenRating) -> DayKey:
    charge, period = rating.charge, rating.period
    return charge_key(charge, min(period.end, charge.effective_end_date or period.end) - DAY)


def _store(books: Books, opened: Sequence[OpenRating]) -> None:
    for rating in opened:
        rating.changed = True
    days = settle(books, (), opened)
    with books.together():
        store_ratings(books, opened)
        store_days(books, days)
