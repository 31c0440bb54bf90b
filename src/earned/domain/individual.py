"""Usage records that are rounded and priced one by one (U 2.20).

The billing rule *Round and determine a price for usage records individually*. At which price a
record is rated is decided with the others of its rating group: which tier of a volume all of them
reach, which units of the tiers are left for it. What it comes to is rounded by itself, and the
group costs what its records add up to.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from earned.domain.accrual import Accrual, DayKey, DayRow
from earned.domain.charge import ChargeTerms
from earned.domain.exact import ZERO, add, subtract
from earned.domain.money import Currency, round_to_minor
from earned.domain.rating import rate_part, tier_of_all

# A flat fee has no price of a record; Zuora leaves tiers with overage to the rating group too.
_MODELS = frozenset({"PerUnit", "Volume", "Tiered", "Overage"})


def is_rated_individually(terms: ChargeTerms) -> bool:
    """Say whether the rule means a charge: its model, and no usage that funds in money pay for."""
    return (
        terms.charge_type == "Usage" and terms.charge_model in _MODELS and not terms.is_of_currency
    )


class Uncovered(NamedTuple):
    """What no fund covered of a guided usage that is no reversal."""

    day: date
    record: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class RecordPrice:
    """What a charge asks for one record after another, each rounded by itself.

    `fee` is what no usage at all costs.
    """

    terms: ChargeTerms
    currency: Currency
    fee: Fraction = Fraction(0)

    def minor(self, before: Decimal | None, after: Decimal, total: Decimal) -> int:
        """Return what the units from `before` (None: there are none) up to `after` come to."""
        start = Fraction(0) if before is None else self._up_to(before, total)
        return round_to_minor(self._up_to(after, total) - start, self.currency)

    def tier(self, total: Decimal) -> int | None:
        """Return what changes the price of every record if it does: the tier of a volume."""
        return tier_of_all(self.terms, self.currency.code, total)

    def _up_to(self, quantity: Decimal, total: Decimal) -> Fraction:
        if quantity <= 0:
            return self.fee
        return rate_part(self.terms, self.currency.code, quantity, total)


_REST = "\U0010ffff"
"""Sorts after the id of any record."""


class Piece(NamedTuple):
    """Where a record stands: by day, and in the order records came; what takes back comes last.

    What negative records have taken back on a day has no record of its own.
    """

    key: DayKey
    record: str

    @property
    def is_rest(self) -> bool:
        """Say whether it is what has no record of its own."""
        return self.record == _REST


@dataclass(slots=True)
class _Priced:
    """The units of a piece, how many there are up to it, and what it comes to."""

    quantity: Decimal = ZERO
    reached: Decimal = ZERO
    amount_minor: int = 0


class IndividualAccrual(Accrual):
    """The rows of one rating group, each the sum of its records.

    A record that comes last is priced alone; one in between has those after it priced again, and
    one that brings a volume to another tier all of them.
    """

    def __init__(
        self,
        price: RecordPrice,
        rows: Iterable[tuple[DayKey, DayRow]] = (),
        records: Iterable[Uncovered] = (),
    ) -> None:
        """Start from stored `rows`, and the `records` that they count."""
        super().__init__(lambda quantity: price.minor(None, quantity, quantity), rows)
        self._price = price
        self._pieces: dict[Piece, _Priced] = {}
        self._places: list[Piece] = []
        self._first_piece: Piece | None = None
        self._tier = price.tier(self.quantity)
        self._put_all(records)
        self._price_from(0)

    @property
    def amount_minor(self) -> int:
        """What the records add up to."""
        return sum(row.amount_minor for row in self.rows.values())

    def pieces(self) -> Sequence[tuple[Piece, int]]:
        """Return what each record comes to, and what was taken back, in their order."""
        return [(piece, self._pieces[piece].amount_minor) for piece in self._places]

    def move(self, key: DayKey, quantity: Decimal, at: datetime, record: str = "") -> None:
        """Add units of a record to a row; without one, of what has none of its own."""
        super().move(key, quantity, at)
        self._put(Piece(key, _REST), ZERO)
        piece = Piece(key, record or _REST)
        self._put(piece, quantity)
        if self._first_piece is None or piece < self._first_piece:
            self._first_piece = piece

    def revalue(self) -> None:
        """Have every record priced again, also where a row was stored at another price."""
        super().revalue()
        self._first_piece = self._places[0] if self._places else None
        for row in self.rows.values():
            row.amount_minor = 0
        for piece, one in self._pieces.items():
            self.rows[piece.key].amount_minor += one.amount_minor

    def settle(self, at: datetime) -> list[tuple[DayKey, DayRow]]:
        """Bring the amounts up to date; return the rows from the first that moved to the last."""
        if self._first_moved is None or self._first_piece is None:
            return []
        tier = self._price.tier(self.quantity)
        start = 0 if tier != self._tier else bisect_left(self._places, self._first_piece)
        self._tier = tier
        for key, minor in self._price_from(start).items():
            self.rows[key].amount_minor += minor
        touched = self._order[self._place(min(self._first_moved, self._places[start].key)) :]
        self._first_moved = self._first_piece = None
        for key in touched:
            self.rows[key].updated_at = at
        return [(key, self.rows[key]) for key in touched]

    def _put_all(self, records: Iterable[Uncovered]) -> None:
        by_day: dict[date, list[Uncovered]] = defaultdict(list)
        for one in records:
            by_day[one.day].append(one)
        for key, row in self.rows.items():
            rest = row.quantity
            for one in by_day[key.day]:
                self._put(Piece(key, one.record), one.quantity)
                rest = subtract(rest, one.quantity)
            self._put(Piece(key, _REST), rest)

    def _put(self, piece: Piece, quantity: Decimal) -> None:
        known = self._pieces.get(piece)
        if known is None:
            known = self._pieces[piece] = _Priced()
            insort(self._places, piece)
        known.quantity = add(known.quantity, quantity)

    def _price_from(self, start: int) -> dict[DayKey, int]:
        """Price all pieces from one on; return by how much that changes their rows.

        A record that is taken back wholly is as if it had never been.
        """
        changes: dict[DayKey, int] = defaultdict(int)
        before = self._before(start)
        for piece in self._places[start:]:
            one, minor = self._pieces[piece], 0
            one.reached = before or ZERO
            if one.quantity or piece.is_rest:
                one.reached = add(one.reached, one.quantity)
                minor = self._price.minor(before, one.reached, self.quantity)
                before = one.reached
            changes[piece.key] += minor - one.amount_minor
            one.amount_minor = minor
        return changes

    def _before(self, start: int) -> Decimal | None:
        """Return how many units there are before a place; None where nothing counts there."""
        for at in range(start - 1, -1, -1):
            piece = self._places[at]
            one = self._pieces[piece]
            if one.quantity or piece.is_rest:
                return one.reached
        return None
