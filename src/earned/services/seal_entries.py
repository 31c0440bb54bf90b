"""Seal what is done to journal entries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from earned.domain.journal import Act, JournalEntry, JournalEntryItem, Seal
from earned.domain.seals import Written, seal
from earned.services.ports import Books


def seal_entries(books: Books, written: Iterable[Written], act: Act) -> None:
    """Add a seal for each entry to the entity's chain, in order.

    Must have the entity's books to itself (a structural use case): a chain grows at one end.
    """
    last = books.seals.list(order_by=["-sequence"], limit=1)
    previous = last[0] if last else None
    made: list[Seal] = []
    for one in written:
        previous = seal(one, act, books.now, books.scope.user_id, previous)
        made.append(previous)
    books.seals.add_all(made)


def written(books: Books, entries: Sequence[JournalEntry]) -> Sequence[Written]:
    """Return entries with their items."""
    ids = [entry.id for entry in entries]
    items: dict[str, list[JournalEntryItem]] = defaultdict(list)
    for item in books.entry_items.list(entry_id=ids, order_by=["entry_id", "place"]):
        items[item.entry_id].append(item)
    return [Written(entry, items[entry.id]) for entry in entries]
