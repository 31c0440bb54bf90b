"""What records come to that are rounded and priced one by one (U 2.20)."""

from collections.abc import Mapping, Sequence

from earned.domain.calendar import Days
from earned.domain.consumption import RatingResult
from earned.domain.individual import IndividualAccrual
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import GuidedUsage
from earned.services.open_series import individual_accrual, rows_of_ratings
from earned.services.ports import Books


def stored_accrual(books: Books, charge: RatePlanCharge, rating: RatingResult) -> IndividualAccrual:
    """Return the accrual of a rating result as it is stored."""
    period = Days(rating.service_start_date, rating.service_end_date)
    rows = rows_of_ratings(books, [rating.id]).get(rating.id, ())
    return individual_accrual(books, (charge, period, rating.group_key), rows)


def amounts_alone(
    books: Books, charge: RatePlanCharge, rating: RatingResult, guided: Sequence[GuidedUsage]
) -> Mapping[str, int]:
    """Return what guided usages come to, by their ids.

    What negative records have taken back on a day is told of the first of them.
    """
    pieces = stored_accrual(books, charge, rating).pieces()
    alone = {piece.record: minor for piece, minor in pieces if not piece.is_rest}
    rest = {piece.key.day: minor for piece, minor in pieces if piece.is_rest}
    return {
        row.id: rest.pop(row.usage_date, 0) if row.quantity < 0 else alone.get(row.id, 0)
        for row in guided
    }
