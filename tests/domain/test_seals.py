"""The chain of seals over journal entries: what is in a hash, and what breaks the chain."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from earned.domain.chain import GENESIS
from earned.domain.journal import (
    Act,
    EntryStatus,
    JournalEntry,
    JournalEntryItem,
    Seal,
    Transferred,
)
from earned.domain.posting import Side
from earned.domain.seals import Written, check_link, check_status, hash_of, seal

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
LATER = datetime(2026, 1, 16, 12, tzinfo=UTC)
ENTRY = JournalEntry(
    id="e" * 32,
    entity_id="b" * 32,
    number="JE-00000001",
    run_id="r" * 32,
    period_id="p" * 32,
    time_start=date(2013, 1, 1),
    time_end=date(2013, 1, 31),
    currency="USD",
    journal_entry_date=date(2013, 1, 31),
    transaction_type="Revenue Event Item",
    status=EntryStatus.CREATED,
    total_minor=10_000,
    source_count=1,
    created_by="ada",
    created_at=NOON,
    updated_by="ada",
    updated_at=NOON,
)
DEBIT = JournalEntryItem(
    entry_id=ENTRY.id,
    place=1,
    entity_id=ENTRY.entity_id,
    side=Side.DEBIT,
    code_name="Deferred Revenue",
    code_type="DeferredRevenue",
    amount_minor=10_000,
)
CREDIT = replace(
    DEBIT, place=2, side=Side.CREDIT, code_name="Subscription Revenue", code_type="SalesRevenue"
)
WRITTEN = Written(ENTRY, [DEBIT, CREDIT])
FIRST = seal(WRITTEN, Act.CREATED, NOON, "ada", None)

# What may change about an entry and an item without an act.
FREE = {"status", "notes", "review_comment", "deleted", "custom_fields", "updated_by", "updated_at"}
FREE |= {"transferred", "transferred_at", "transferred_by"}
FREE_ITEM = {"entry_id", "entity_id", "notes", "custom_fields"}


def changed(value: Any) -> Any:
    """Return another value of the same kind."""
    others = {
        str: "other",
        int: 7,
        date: date(2013, 2, 1),
        datetime: LATER,
        Side: Side.CREDIT,
        EntryStatus: EntryStatus.CANCELLED,
        Transferred: Transferred.YES,
        bool: True,
        dict: {"Mine__c": 1},
        tuple: ({"segmentName": "Country", "segmentValue": "Chile"},),
        type(None): "other",
    }
    return others[type(value)]


def other_entries() -> list[tuple[str, Written]]:
    return [
        (field.name, replace(WRITTEN, entry=replace(ENTRY, **{field.name: changed(value)})))
        for field in fields(ENTRY)
        for value in [getattr(ENTRY, field.name)]
    ]


def other_items() -> list[tuple[str, Written]]:
    return [
        (field.name, Written(ENTRY, [replace(DEBIT, **{field.name: changed(value)}), CREDIT]))
        for field in fields(DEBIT)
        for value in [getattr(DEBIT, field.name)]
    ]


def test_the_first_seal_starts_from_nothing() -> None:
    assert (FIRST.sequence, FIRST.previous_hash) == (1, GENESIS)
    assert FIRST.hash == "ca0b2e0e9538cdbbac92c1238779597b3179cb68e706ca30df3e0e4c1639e45d"


def test_a_seal_follows_the_one_before_it() -> None:
    second = seal(WRITTEN, Act.CANCELLED, LATER, "bob", FIRST)

    assert (second.sequence, second.previous_hash) == (2, FIRST.hash)
    assert second.hash != FIRST.hash
    assert list(check_link(second, FIRST, WRITTEN)) == []


@pytest.mark.parametrize(
    ("name", "written"), [*other_entries(), *other_items()], ids=lambda value: str(value)[:20]
)
def test_what_an_entry_says_is_sealed_and_the_rest_is_free(name: str, written: Written) -> None:
    is_item = written.entry == ENTRY
    is_free = name in (FREE_ITEM if is_item else FREE)

    assert (hash_of(FIRST, written) == FIRST.hash) is is_free


def test_an_item_more_or_less_breaks_the_seal() -> None:
    for items in ([DEBIT], [CREDIT, DEBIT], [DEBIT, CREDIT, CREDIT]):
        assert hash_of(FIRST, Written(ENTRY, items)) != FIRST.hash


@pytest.mark.parametrize(
    ("changes", "previous", "written", "checks"),
    [
        ({}, None, WRITTEN, []),
        ({"sequence": 2}, None, WRITTEN, ["follow", "sealed"]),
        ({"previous_hash": "x"}, None, WRITTEN, ["follow", "sealed"]),
        ({"actor": "eve"}, None, WRITTEN, ["sealed"]),
        ({"at": LATER}, None, WRITTEN, ["sealed"]),
        ({"act": Act.CANCELLED}, None, WRITTEN, ["sealed"]),
        ({}, None, None, ["sealed"]),
        ({}, FIRST, WRITTEN, ["follow", "follow"]),
    ],
)
def test_a_seal_that_does_not_fit_is_found(
    changes: dict[str, Any], previous: Seal | None, written: Written | None, checks: list[str]
) -> None:
    found = [one.check for one in check_link(replace(FIRST, **changes), previous, written)]

    assert len(found) == len(checks)
    assert all(word in check for word, check in zip(checks, found, strict=True))


@pytest.mark.parametrize(
    ("status", "deleted", "acts", "is_sound"),
    [
        (EntryStatus.CREATED, False, [Act.CREATED], True),
        (EntryStatus.CANCELLED, False, [Act.CREATED, Act.CANCELLED], True),
        (EntryStatus.CANCELLED, True, [Act.CREATED, Act.CANCELLED, Act.DELETED], True),
        (EntryStatus.DRAFT, False, [], True),
        (EntryStatus.CANCELLED, True, [], True),
        (EntryStatus.CREATED, False, [], False),
        (EntryStatus.CREATED, False, [Act.CREATED, Act.CANCELLED], False),
        (EntryStatus.CANCELLED, False, [Act.CREATED], False),
        (EntryStatus.CANCELLED, False, [Act.CREATED, Act.CANCELLED, Act.DELETED], False),
        (EntryStatus.DRAFT, False, [Act.CREATED], False),
        (EntryStatus.CANCELLED, False, [Act.CANCELLED], False),
    ],
)
def test_the_status_of_an_entry_follows_from_its_acts(
    status: EntryStatus,
    deleted: bool,  # noqa: FBT001
    acts: Sequence[Act],
    is_sound: bool,  # noqa: FBT001
) -> None:
    entry = replace(ENTRY, status=status, deleted=deleted)

    assert (not list(check_status(entry, acts))) is is_sound
