"""The journal: runs that summarise transactions, the entries they make, and entries by hand (R 6).

What an entry says never changes once it is in force. Each act on an entry (it is created, it is
cancelled, it is deleted) is *sealed*: the seals of an entity form a chain of hashes, so that a row
that somebody changes, removes or inserts by hand no longer fits (`domain.seals`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from earned.domain.posting import Side
from earned.domain.tenancy import CustomFields, Stamped

Segments = Sequence[Mapping[str, str]]


class RunStatus(StrEnum):
    """Where a journal run stands (R 6.2), in the exact words of the official enum."""

    PENDING = "Pending"
    PROCESSING = "Processing"
    COMPLETED = "Completed"
    ERROR = "Error"
    CANCEL_IN_PROGRESS = "CancelInprogress"
    CANCELLED = "Cancelled"
    DELETE_IN_PROGRESS = "DeleteInprogress"


class EntryStatus(StrEnum):
    """Where a journal entry stands.

    Only a `Created` one counts in the books. Entries under review are `Draft`, `InReview` or
    `Rejected` before they are.
    """

    DRAFT = "Draft"
    IN_REVIEW = "InReview"
    REJECTED = "Rejected"
    CREATED = "Created"
    CANCELLED = "Cancelled"


class Transferred(StrEnum):
    """Whether an entry is in the general ledger outside."""

    NO = "No"
    PROCESSING = "Processing"
    YES = "Yes"
    ERROR = "Error"
    IGNORE = "Ignore"


class Act(StrEnum):
    """What is done to an entry that is sealed."""

    CREATED = "Created"
    CANCELLED = "Cancelled"
    DELETED = "Deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRun(Stamped):
    """One pass over the transactions of a period, or of some days of it.

    `organization_ids` is empty where all organisations are in it.
    """

    id: str
    entity_id: str
    number: str
    period_id: str
    target_start: date
    target_end: date
    journal_entry_date: date
    transaction_types: tuple[str, ...]
    organization_ids: tuple[str, ...] = ()
    status: RunStatus
    executed_at: datetime | None = None
    entry_count: int = 0
    deleted: bool = False
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry(Stamped):
    """A balanced set of items in one currency and period; `total_minor` is the sum of each side.

    `run_id` is None for one made by hand. `source_count` is how many transactions are in it.
    """

    id: str
    entity_id: str
    number: str
    run_id: str | None = None
    period_id: str
    time_start: date | None = None
    time_end: date | None = None
    currency: str
    journal_entry_date: date
    transaction_type: str | None = None
    status: EntryStatus
    total_minor: int
    source_count: int = 0
    segments: Segments = ()
    organization_label: str | None = None
    notes: str | None = None
    review_comment: str | None = None
    transferred: Transferred = Transferred.NO
    transferred_at: datetime | None = None
    transferred_by: str | None = None
    deleted: bool = False
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntryItem:
    """An amount, never negative, on one side of an entry. A blank code has a type and no name."""

    entry_id: str
    place: int
    entity_id: str
    side: Side
    code_name: str | None
    code_type: str
    amount_minor: int
    gl_string: str | None = None
    notes: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A link of the chain: what was done to which entry, hashed with what came before."""

    entity_id: str
    sequence: int
    entry_id: str
    act: Act
    at: datetime
    actor: str
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedSource:
    """Which entry a transaction went into; in force until it is released by a cancellation.

    A revenue event item is known by its event and its period; what has no period of its own to be
    known by has the one it was posted in.
    """

    entry_id: str
    source_type: str
    source_id: str
    period_id: str
    entity_id: str
    released_at: datetime | None = None
