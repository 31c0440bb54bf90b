"""Keep a query locator: one that is new, or the moment at which a known one was used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from earned.domain.errors import Invalid
from earned.domain.locator import QueryLocator
from earned.services.ports import Books


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of what a query has found, and if there is more, the locator to go on from."""

    records: Sequence[Mapping[str, object]]
    locator: QueryLocator | None = None
    last_id: str = ""

    @property
    def is_last(self) -> bool:
        """Whether there is nothing more, and so nothing to keep."""
        return self.locator is None


def locator_by_id(books: Books, identity: str) -> QueryLocator:
    """Return a locator that can still be gone on from. Raises `Invalid`."""
    found = books.locators.find(id=identity)
    if found is None or not found.is_valid(books.now):
        raise Invalid("The queryLocator is unknown or has expired; query again.")
    return found


def keep_locator(books: Books, batch: Batch) -> Batch:
    """Keep the locator of a batch for as long as it is used, and return the batch."""
    if batch.locator is not None:
        books.locators.save_all([replace(batch.locator, used_at=books.now)], only=["used_at"])
    return batch
