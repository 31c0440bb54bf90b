"""Find what a usage record names, and the charges it applies to (U 3.3 steps 5 to 8, U 3.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from earned.domain.account import Account
from earned.domain.calendar import day_of
from earned.domain.catalog import UnitOfMeasure
from earned.domain.errors import Invalid, PeriodClosed
from earned.domain.periods import period_of
from earned.domain.subscription import RatePlanCharge, Subscription
from earned.domain.usage_fields import UsageFields, read_usage
from earned.services.ports import Books
from earned.services.see_periods import periods_to_work_in

ACCOUNT_MISMATCH = "The ACCOUNT_ID does not match"
NOT_ACTIVE = "The Subscription is not ACTIVE"
NOT_A_USAGE_CHARGE = "The Charge Type is not Usage"
CHARGE_OF_OTHER_ACCOUNT = "The Charge and Billing Account do not match"
CHARGE_OF_OTHER_SUBSCRIPTION = "The Subscription ID and Charge ID do not match"
SUBSCRIPTION_OF_OTHER_ACCOUNT = "The Subscription and Billing Account do not match"
CLOSED = "Usage cannot be imported into a closed accounting period"


class ResolvedUsage(NamedTuple):
    """A checked record with the account, unit, day and charges it belongs to.

    `charges` are the segments it is guided to: effective on its day, in its unit.
    """

    fields: UsageFields
    account: Account
    unit: UnitOfMeasure
    day: date
    subscription: Subscription | None
    charge: RatePlanCharge | None
    charges: Sequence[RatePlanCharge]


@dataclass(frozen=True, slots=True)
class References:
    """What records name alike, whatever their day: `candidates` are all charges they may be for.

    `above` are those of the accounts above, level by level, that it may be for instead (U 2.17).
    """

    account: Account
    unit: UnitOfMeasure
    subscription: Subscription | None
    charge: RatePlanCharge | None
    candidates: Sequence[RatePlanCharge]
    above: Sequence[Sequence[RatePlanCharge]] = ()

    def charges_on(self, day: date) -> Sequence[RatePlanCharge]:
        """Return the charges effective on a day: the account's own, or those nearest above it."""
        charges = [charge for charge in self.candidates if charge.covers(day)]
        for level in () if charges else self.above:
            charges = [charge for charge in level if charge.covers(day)]
            if charges:
                break
        return charges


class Resolver:
    """Resolves the records of one group: what several of them name is found once."""

    def __init__(self, books: Books) -> None:
        """Resolve against the books as they are."""
        self._books = books
        self._zone = books.settings.zone
        self._references: dict[tuple[str | None, ...], References] = {}

    def read(self, sent: Mapping[str, object]) -> UsageFields:
        """Check the fields of a record as sent. Raises a refusal."""
        negative_allowed = self._books.settings.negative_usage
        return read_usage(sent, self._zone, negative_allowed=negative_allowed)

    def resolve(self, fields: UsageFields) -> ResolvedUsage:
        """Resolve a record. Raises a refusal, in the documented order."""
        found = self._refer(fields)
        day = day_of(fields.start_date_time, self._zone)
        refuse_closed(self._books, day)
        charges = found.charges_on(day)
        if not charges and found.subscription and found.subscription.status != "Active":
            raise Invalid(NOT_ACTIVE, field="SubscriptionId")
        return ResolvedUsage(
            fields, found.account, found.unit, day, found.subscription, found.charge, charges
        )

    def _refer(self, fields: UsageFields) -> References:
        named = (
            fields.uom,
            fields.account_id,
            fields.account_number,
            fields.subscription_id,
            fields.subscription_number,
            fields.charge_id,
            fields.charge_number,
        )
        known = self._references.get(named)
        if known is None:
            known = self._references[named] = _find(self._books, fields)
        return known


def resolve_usage(books: Books, fields: UsageFields) -> ResolvedUsage:
    """Resolve a record against the books as they are. Raises a refusal, in the documented order."""
    return Resolver(books).resolve(fields)


def _find(books: Books, fields: UsageFields) -> References:
    """Find what a record names, and the charges that it may be for."""
    account = _account(books, fields)
    subscription = _subscription(books, fields, account)
    segments = _segments(books, fields, account, subscription)
    unit = _unit(books, fields, segments)
    candidates = segments or _candidates(books, fields, account, subscription)
    above = () if segments or subscription else _above(books, fields, account)
    if not (candidates or above) and books.settings.prepaid_with_drawdown:
        raise Invalid(f"The UOM {fields.uom} does not match any existing charge", field="UOM")
    charge = segments[0] if segments else None
    return References(account, unit, subscription, charge, candidates, above)


def _account(books: Books, fields: UsageFields) -> Account:
    """Find the account by id, by number, or by both, which must then agree."""
    criteria: dict[str, Any] = {}
    if fields.account_id:
        criteria["id"] = fields.account_id
    if fields.account_number:
        criteria["number"] = fields.account_number
    found = books.accounts.find(**criteria)
    if found is None:
        raise Invalid(ACCOUNT_MISMATCH, field="AccountId")
    if not found.is_active:
        raise Invalid("The Account status is not active", field="AccountId")
    return found


def _subscription(books: Books, fields: UsageFields, account: Account) -> Subscription | None:
    if not (fields.subscription_id or fields.subscription_number):
        return None
    criteria: dict[str, Any] = {"is_latest": True}
    if fields.subscription_id:
        criteria["original_id"] = fields.subscription_id
    if fields.subscription_number:
        criteria["number"] = fields.subscription_number
    found = books.subscriptions.find(**criteria)
    if found is None:
        raise Invalid("Invalid Subscription ID", field="SubscriptionId")
    if found.account_id != account.id:
        raise Invalid(SUBSCRIPTION_OF_OTHER_ACCOUNT, field="SubscriptionId")
    return found


def _segments(
    books: Books, fields: UsageFields, account: Account, subscription: Subscription | None
) -> Sequence[RatePlanCharge]:
    """Return the segments of the charge that the record names, none if it names none."""
    if not (fields.charge_id or fields.charge_number):
        return ()
    criteria: dict[str, Any] = {"is_latest": True}
    if fields.charge_id:
        criteria["original_id"] = fields.charge_id
    if fields.charge_number:
        criteria["number"] = fields.charge_number
    segments = books.charges.list(order_by=("segment",), **criteria)
    if not segments:
        raise Invalid("Invalid Charge ID", field="ChargeId")
    charge = segments[0]
    if charge.charge_type != "Usage":
        raise Invalid(NOT_A_USAGE_CHARGE, field="ChargeId")
    if charge.account_id != account.id:
        raise Invalid(CHARGE_OF_OTHER_ACCOUNT, field="ChargeId")
    if subscription and charge.original_subscription_id != subscription.original_id:
        raise Invalid(CHARGE_OF_OTHER_SUBSCRIPTION, field="ChargeId")
    return _effective(segments)


def _effective(segments: Sequence[RatePlanCharge]) -> Sequence[RatePlanCharge]:
    """Refuse a charge that is effective on no day: the order that made it was deleted."""
    if not any(len(segment.days) for segment in segments):
        raise Invalid("The Charge is not ACTIVE", field="ChargeId")
    return segments


def _unit(books: Books, fields: UsageFields, segments: Sequence[RatePlanCharge]) -> UnitOfMeasure:
    unit = books.units.find(name=fields.uom)
    is_other = bool(segments) and books.settings.prepaid_with_drawdown
    if unit is None or not unit.active or (is_other and segments[0].uom != fields.uom):
        raise Invalid("The UOM does not match", field="UOM")
    return unit


def _candidates(
    books: Books, fields: UsageFields, account: Account, subscription: Subscription | None
) -> Sequence[RatePlanCharge]:
    """Return every usage charge in the record's unit, of the subscription or of the account.

    A record that names no charge counts on all of them (U 3.4). One that its order's deletion left
    no day is none.
    """
    criteria: dict[str, Any] = {"charge_type": "Usage", "uom": fields.uom, "is_latest": True}
    if subscription:
        criteria["original_subscription_id"] = subscription.original_id
    else:
        criteria["account_id"] = account.id
    found = books.charges.list(order_by=("number", "segment"), **criteria)
    return [charge for charge in found if len(charge.days)]


def _above(
    books: Books, fields: UsageFields, account: Account
) -> Sequence[Sequence[RatePlanCharge]]:
    """Return the usage charges in the record's unit of each account above that takes its usage.

    Whichever organisation an account above is of: its subscription pays for the usage below it.
    """
    levels: list[Sequence[RatePlanCharge]] = []
    if not books.settings.include_usage_from_child_accounts:
        return levels
    books = books.entire
    below: Account | None = account
    while below is not None and below.roll_up_usage and below.parent_id is not None:
        below = books.accounts.find(id=below.parent_id)
        charges = _candidates(books, fields, below, None) if below else ()
        if charges:
            levels.append(charges)
    return levels


def refuse_closed(books: Books, day: date) -> None:
    """Raise `PeriodClosed` if `day` is in a closed period that the entity keeps usage out of."""
    if books.settings.allow_usage_in_closed_period:
        return
    if period_of(periods_to_work_in(books), day).is_closed:
        raise PeriodClosed(CLOSED, field="StartDateTime")
