"""What rows name, resolved once for all rows that name the same on the same day.

The services resolve it, so that it is found, or refused, as it is for a record alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from earned.domain.errors import EarnedError
from earned.domain.exact import ONE
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage_fields import UsageFields
from earned.engine.duck import Scratch
from earned.services.ports import Books
from earned.services.reach import balance_ids
from earned.services.resolve_usage import ResolvedUsage, Resolver

_KIND = "account, uom, subscription, charge, day"
_GROUP = f"""CREATE OR REPLACE TABLE kind AS
    SELECT row_number() OVER () AS kind_no, {_KIND}, min(start_utc) AS start_utc
    FROM good GROUP BY {_KIND}"""  # noqa: S608 - Names of ours.
_TYPED = f"""CREATE OR REPLACE TABLE typed AS
    SELECT row, kind_no, quantity, good.start_utc, end_utc, day, description, unique_key, custom
    FROM good JOIN kind USING ({_KIND})"""  # noqa: S608 - Names of ours.
_KINDS = "SELECT kind_no, account, uom, subscription, charge, start_utc FROM kind ORDER BY kind_no"
_REFUSED = "SELECT row, kind_no FROM typed JOIN refused_kind USING (kind_no) ORDER BY row"

Shared = tuple[str, str]
"""What rows draw on together: a prepaid balance, or a charge without one. Rows that share nothing
do not notice each other, whatever their order is."""


class Guide(NamedTuple):
    """A charge that all rows of a kind are guided to, and the balances it draws on, if any."""

    charge: RatePlanCharge
    balance_ids: Sequence[str]

    @property
    def balance_id(self) -> str | None:
        """The balance it draws on where it is one, as it is in sets."""
        return self.balance_ids[0] if self.balance_ids else None

    @property
    def shared(self) -> frozenset[Shared]:
        """What it draws on."""
        if not self.balance_ids:
            return frozenset([("charge", self.charge.original_id)])
        return frozenset(("balance", identity) for identity in self.balance_ids)


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that name the same on the same day."""

    number: int
    resolved: ResolvedUsage
    guides: Sequence[Guide]

    @property
    def shared(self) -> frozenset[Shared]:
        """What they draw on."""
        return frozenset(one for guide in self.guides for one in guide.shared)


@dataclass(slots=True)
class Resolved:
    """What the rows of `typed` name, by kind; and the rows that are refused for it."""

    kinds: dict[int, Kind] = field(default_factory=dict)
    refused: list[tuple[int, EarnedError]] = field(default_factory=list)


def resolve_rows(scratch: Scratch, books: Books) -> Resolved:
    """Resolve what the rows of `good` name; those that can be recorded are in `typed`."""
    scratch.run(_GROUP)
    scratch.run(_TYPED)
    resolver, resolved = Resolver(books), Resolved()
    refusals: dict[int, EarnedError] = {}
    known: dict[str, Guide] = {}
    for number, *named in scratch.rows(_KINDS):
        try:
            row = resolver.resolve(_fields(*named))
        except EarnedError as refusal:
            refusals[number] = refusal
        else:
            guides = [_guide(books, known, charge) for charge in row.charges]
            resolved.kinds[number] = Kind(number, row, guides)
    if refusals:
        scratch.fill("refused_kind", {"kind_no": "BIGINT"}, ((number,) for number in refusals))
        resolved.refused = [(row, refusals[number]) for row, number in scratch.rows(_REFUSED)]
        scratch.run("DELETE FROM typed WHERE kind_no IN (SELECT kind_no FROM refused_kind)")
    return resolved


def _fields(account: str, uom: str, subscription: str, charge: str, start: datetime) -> UsageFields:
    """Return a record of a kind; what it is of is the same for all of them."""
    return UsageFields(
        account_id=None,
        account_number=account,
        subscription_id=None,
        subscription_number=subscription or None,
        charge_id=None,
        charge_number=charge or None,
        uom=uom,
        quantity=ONE,
        start_date_time=start.replace(tzinfo=UTC),
        end_date_time=None,
        description=None,
        unique_key=None,
    )


def _guide(books: Books, known: dict[str, Guide], charge: RatePlanCharge) -> Guide:
    if charge.id not in known:
        known[charge.id] = Guide(charge, balance_ids(books.entire, charge))
    return known[charge.id]


def spread(
    kinds: Mapping[int, Kind], shared: Iterable[Shared], numbers: Iterable[int]
) -> tuple[set[int], set[Shared]]:
    """Return the kinds that draw on what `shared` or `numbers` do, and all that they draw on."""
    drawn, taken = set(shared), set(numbers)
    before = (-1, -1)
    while before != (len(drawn), len(taken)):
        before = (len(drawn), len(taken))
        for number, kind in kinds.items():
            mine = kind.shared
            if number in taken or not drawn.isdisjoint(mine):
                taken.add(number)
                drawn |= mine
    return taken, drawn
