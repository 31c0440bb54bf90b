"""What a file changes and draws on, locked before its first row: everybody locks in one order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from earned.domain.service_period import service_period
from earned.engine.bulk.resolving import Guide, Kind, Shared
from earned.services.batches import batches
from earned.services.open_series import Wanted, rating_id
from earned.services.ports import Books
from earned.services.reach import balance_ids, balances_drawn
from earned.services.usage_change import guides_of


@dataclass(slots=True)
class Held:
    """Records, prepaid balances, and ratings of charges without one."""

    records: set[str] = field(default_factory=set)
    balances: set[str] = field(default_factory=set)
    ratings: dict[str, Wanted] = field(default_factory=dict)

    def add(self, kinds: Iterable[Kind]) -> None:
        """Add what some rows draw on."""
        for kind in kinds:
            for guide in kind.guides:
                self._add_guide(guide, kind.resolved.day)

    def add_records(self, books: Books, keys: Collection[str]) -> set[Shared]:
        """Add the records that have keys, and what they draw on; return that."""
        books = books.entire
        shared: set[Shared] = set()
        for some in batches(sorted(keys)):
            found = books.usage.list(unique_key=some)
            self.records.update(record.id for record in found)
            drawn = balances_drawn(books, found)
            self.balances.update(drawn)
            shared.update(("balance", identity) for identity in drawn)
            for charge, day in guides_of(books, found):
                guide = Guide(charge, balance_ids(books, charge))
                self._add_guide(guide, day)
                shared |= guide.shared
        return shared

    def _add_guide(self, guide: Guide, day: date) -> None:
        self.balances.update(guide.balance_ids)
        if not guide.balance_ids:
            period = service_period(guide.charge, day)
            self.ratings[rating_id(guide.charge, period)] = guide.charge, period, None


def lock_records(books: Books, ids: Collection[str]) -> None:
    """Lock records, in the order of their ids."""
    for some in batches(sorted(ids)):
        books.entire.usage.list(id=set(some), order_by=("id",), lock=True)
