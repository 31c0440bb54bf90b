"""The balances and ratings that an import works on, opened once and kept until it is over."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice

from earned.domain.exact import FRACTION_DIGITS_MAX
from earned.domain.individual import is_rated_individually
from earned.domain.rating_group import is_grouped
from earned.domain.reach import reaches
from earned.domain.service_period import service_period
from earned.domain.subscription import RatePlanCharge
from earned.engine.bulk.resolving import Guide, Shared
from earned.engine.bulk.whole import QUANTITY_PLACES, UNIT_PLACES, ratio_of, scaled_or_none
from earned.services.open_series import (
    OpenBalance,
    OpenRating,
    open_balances,
    open_ratings,
    rates_individually,
    rating_id,
)
from earned.services.ports import Books
from earned.services.reach import place_of
from earned.services.store_series import settle, store_balances, store_days, store_ratings

_TOGETHER = 500
_ONE: int = 10**QUANTITY_PLACES
_WHOLE_END: int = 2**126


class OpenBooks:
    """What is open of the books in one transaction."""

    def __init__(self, books: Books) -> None:
        """Begin with nothing."""
        # Funds are drawn whichever organisation pays for them.
        self.books = books.entire
        self.balances: dict[str, OpenBalance] = {}
        self.ratings: dict[str, OpenRating] = {}
        self._individual: dict[str, bool] = {}

    def open_balances(self, ids: Iterable[str]) -> None:
        """Lock balances in the order of their ids, and open those that are not yet."""
        wanted = iter(sorted(set(ids) - self.balances.keys()))
        while some := list(islice(wanted, _TOGETHER)):
            self.balances |= open_balances(self.books, some)

    def rating(self, charge: RatePlanCharge, day: date) -> OpenRating:
        """Return the rating of a charge in the service period of a day."""
        return self.ratings[rating_id(charge, service_period(charge, day))]

    def open_ratings(self, guides: Iterable[tuple[RatePlanCharge, date]]) -> None:
        """Lock the ratings of charges on days, and open those that are not yet."""
        periods = {
            rating_id(charge, period): (charge, period, None)
            for charge, day in guides
            if (period := service_period(charge, day))
        }
        wanted = iter(sorted(periods.keys() - self.ratings.keys()))
        while some := list(islice(wanted, _TOGETHER)):
            self.ratings |= open_ratings(self.books, [periods[identity] for identity in some])

    def find_individual(self, charges: Iterable[RatePlanCharge]) -> None:
        """Find out of which charges records are priced one by one, now or in some service period.

        The charges that are asked about later are among these.
        """
        meant = {one.original_id: one for one in charges if is_rated_individually(one)}
        unknown = iter(meant.keys() - self._individual.keys())
        while some := list(islice(unknown, _TOGETHER)):
            found = self.books.rating_results.list(charge_id=some, is_individual=True)
            known = {one.charge_id for one in found}
            for identity in some:
                is_now = rates_individually(self.books, meant[identity])
                self._individual[identity] = is_now or identity in known

    def is_individual(self, charge: RatePlanCharge) -> bool:
        """Say whether records of a charge are priced one by one, or were in some service period."""
        return self._individual.get(charge.original_id, False)

    def store(self) -> None:
        """Write all that has moved."""
        balances, ratings = self.balances.values(), self.ratings.values()
        days = settle(self.books, balances, ratings)
        with self.books.together():
            store_balances(self.books, balances)
            store_ratings(self.books, ratings)
            store_days(self.books, days)

    def let_go(self, shared: Iterable[Shared]) -> None:
        """Let somebody else move what is stored of these; ratings are opened anew."""
        for kind, identity in shared:
            if kind == "balance":
                self.balances.pop(identity, None)
        self.ratings.clear()


def is_plain(guide: Guide, opened: OpenBooks) -> bool:
    """Say whether rows in sets can be drawn as one after another are, but for some days.

    What is not known here is not plain: the services then record row by row.
    """
    rate = guide.charge.rate
    if is_grouped(guide.charge) or opened.is_individual(guide.charge):
        return False
    if (
        guide.charge.is_of_currency
        or rate <= 0
        or scaled_or_none(rate, FRACTION_DIGITS_MAX) is None
    ):
        return False
    if guide.balance_id is None:
        return True
    balance = opened.balances[guide.balance_id]
    if len(guide.balance_ids) > 1 or not draws_all(opened.books, guide.charge, balance):
        return False
    return all(map(_is_whole, _units_of(balance)))


def is_over(guide: Guide, day: date, opened: OpenBooks) -> bool:
    """Say whether a fund that usage of a day draws has expired or was credited.

    What left it then may come back to it for the usage: the services know.
    """
    balances = (opened.balances[identity] for identity in guide.balance_ids)
    return any(
        fund.ending is not None and day in fund.fund.validity
        for balance in balances
        if balance.has_ended
        for fund in balance.funds
    )


def fits(guide: Guide, quantity: int) -> bool:
    """Say whether what so many billionths need can be worked on in whole numbers of 128 bits."""
    numerator, _ = ratio_of(guide.charge.rate)
    return quantity * numerator * _ONE < _WHOLE_END


def _units_of(balance: OpenBalance) -> Sequence[object]:
    return [balance.balance, *(fund.balance for fund in balance.funds)]


def _is_whole(units: object) -> bool:
    return scaled_or_none(units, UNIT_PLACES) is not None  # type: ignore[arg-type]


def draws_all(books: Books, charge: RatePlanCharge, balance: OpenBalance) -> bool:
    """Say whether a charge may draw every fund of its balance: in sets there is no choosing."""
    if balance.is_plain:
        return True
    place = place_of(books, charge)
    return all(reaches(fund.fund, place) for fund in balance.funds)
