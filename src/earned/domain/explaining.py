"""Explaining a number: from a journal line down to usage records, and from usage up again.

What is stored forms a chain: a journal line posts revenue event items; an item was distributed, by
hand or by collecting revenue events; an event is a day's consumption; a day is made of movements of
units, and each of them of a usage record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

NODES_MAX = 500
"""How many nodes an explanation has at most; what is beyond is counted and added up, not listed."""

Key = tuple[str, ...]


class Direction(StrEnum):
    """Toward what a number is made of, or toward what it went into."""

    DOWN = "down"
    UP = "up"


class NodeKind(StrEnum):
    """What can be explained, by its name on the wire."""

    JOURNAL_ENTRY = "JournalEntry"
    JOURNAL_LINE = "JournalEntryItem"
    REVENUE_SCHEDULE = "RevenueSchedule"
    REVENUE_ITEM = "RevenueItem"
    DISTRIBUTION = "RevenueEvent"
    DISTRIBUTION_ITEM = "RevenueEventItem"
    BILLING_DOCUMENT = "BillingDocument"
    BILLING_ITEM = "BillingDocumentItem"
    ADJUSTMENT = "InvoiceItemAdjustment"
    REVENUE_EVENT = "RevenueRecognitionEvent"
    DAILY_CONSUMPTION = "DailyConsumptionSummary"
    RATING_RESULT = "RatingResult"
    FUND = "PrepaidBalanceFund"
    BALANCE_TRANSACTION = "PrepaidBalanceTransaction"
    GUIDED_USAGE = "GuidedUsage"
    USAGE = "Usage"


_K = NodeKind
_POSTED = (_K.DISTRIBUTION_ITEM, _K.BILLING_ITEM, _K.ADJUSTMENT)

STEPS: Mapping[Direction, Mapping[NodeKind, Sequence[NodeKind]]] = MappingProxyType(
    {
        Direction.DOWN: MappingProxyType(
            {
                _K.JOURNAL_ENTRY: _POSTED,
                _K.JOURNAL_LINE: _POSTED,
                _K.REVENUE_SCHEDULE: (_K.REVENUE_ITEM,),
                _K.REVENUE_ITEM: (_K.DISTRIBUTION_ITEM,),
                _K.DISTRIBUTION: (_K.DISTRIBUTION_ITEM,),
                _K.DISTRIBUTION_ITEM: (_K.REVENUE_EVENT,),
                _K.BILLING_DOCUMENT: (_K.BILLING_ITEM,),
                _K.REVENUE_EVENT: (_K.DAILY_CONSUMPTION,),
                _K.RATING_RESULT: (_K.DAILY_CONSUMPTION,),
                _K.FUND: (_K.BALANCE_TRANSACTION,),
                _K.DAILY_CONSUMPTION: (_K.BALANCE_TRANSACTION, _K.GUIDED_USAGE),
                _K.BALANCE_TRANSACTION: (_K.GUIDED_USAGE,),
                _K.GUIDED_USAGE: (_K.USAGE,),
            }
        ),
        Direction.UP: MappingProxyType(
            {
                _K.USAGE: (_K.GUIDED_USAGE,),
                _K.GUIDED_USAGE: (_K.BALANCE_TRANSACTION, _K.DAILY_CONSUMPTION),
                _K.BALANCE_TRANSACTION: (_K.DAILY_CONSUMPTION,),
                _K.DAILY_CONSUMPTION: (_K.REVENUE_EVENT,),
                _K.REVENUE_EVENT: (_K.DISTRIBUTION_ITEM,),
                _K.FUND: (_K.REVENUE_SCHEDULE,),
                _K.RATING_RESULT: (_K.REVENUE_SCHEDULE,),
                _K.BILLING_DOCUMENT: (_K.BILLING_ITEM,),
                _K.BILLING_ITEM: (_K.REVENUE_SCHEDULE, _K.JOURNAL_LINE),
                _K.ADJUSTMENT: (_K.REVENUE_SCHEDULE, _K.JOURNAL_LINE),
                _K.REVENUE_SCHEDULE: (_K.DISTRIBUTION_ITEM,),
                _K.REVENUE_ITEM: (_K.DISTRIBUTION_ITEM,),
                _K.DISTRIBUTION: (_K.DISTRIBUTION_ITEM,),
                _K.DISTRIBUTION_ITEM: (_K.JOURNAL_LINE,),
                _K.JOURNAL_LINE: (_K.JOURNAL_ENTRY,),
            }
        ),
    }
)
"""What each kind is made of, and what it went into."""


@dataclass(frozen=True, slots=True)
class Node:
    """A stored thing with a number. `id` is what it is explained by, `key` what finds it.

    What it has no amount, units, day or period of is None. `at` says when it was stored.
    """

    kind: NodeKind
    key: Key
    id: str
    number: str | None
    text: str | None
    day: date | None
    period_name: str | None
    currency: str | None
    amount_minor: int | None
    quantity: Decimal | None
    uom: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Sums:
    """How many there are, and what they add up to, in one currency."""

    count: int
    currency: str | None
    amount_minor: int | None
    quantity: Decimal | None


@dataclass(slots=True)
class Branch:
    """All of one kind that a node leads to: counted and added up, and the first of them.

    `offset` says how many come before the first that is listed.
    """

    kind: NodeKind
    sums: Sums
    trees: list["Tree"]
    offset: int = 0

    @property
    def next_offset(self) -> int | None:
        """Where the list goes on, None where it is complete."""
        end = self.offset + len(self.trees)
        return end if end < self.sums.count else None


@dataclass(slots=True)
class Tree:
    """A node with its branches in each direction it is explained in."""

    node: Node
    branches: dict[Direction, list[Branch]] = field(default_factory=dict)
