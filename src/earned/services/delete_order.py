"""Delete an order: what it did is undone, and the versions it made are gone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from earned.domain.errors import RuleBroken
from earned.domain.prepaid import Fund
from earned.domain.subscription import Order, RatePlanCharge, Subscription
from earned.services.find import order_by_number
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books
from earned.services.refuse_unbilled import billed_items
from earned.services.see_periods import refuse_closed_creation
from earned.services.take_back_funds import take_back_funds

NOT_LATEST = (
    "The order '{}' is not the latest one of subscription '{}': delete the later ones first."
)
USED = "Usage was recorded for charge {}, which the order '{}' made: delete the usage first."
BILLED = "Charge {} was billed, and the order '{}' made it or its funds: cancel the invoice first."


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteOrder:
    """Which order, by its number."""

    number: str


@dataclass(frozen=True, slots=True)
class _Undone:
    """A subscription before an order (None: not there), and the versions that go, the last last."""

    before: Subscription | None
    versions: Sequence[Subscription]
    made: Sequence[RatePlanCharge]


def delete_order(books: Books, command: DeleteOrder) -> Order:
    """Undo the latest order of its subscriptions; return it.

    The version before is the latest again. Credits are reversed, draws that were reversed are drawn
    again, funds that the order made are taken back: what was drawn from them is drawn from others,
    or is overage. Charges and segments that it made are there for what hangs on them, and effective
    on no day. Raises `NotFound`; `PeriodClosed` for an order of a closed period that the entity
    keeps changes out of; `RuleBroken` where there is a later order, usage that was recorded for a
    charge that goes, an invoice of it, or a fund whose units went elsewhere.
    """
    order = order_by_number(books, command.number)
    refuse_closed_creation(books, order.order_date, field="orderNumber", label="order date")
    undone = [_find(books, order, item) for item in _items(order)]
    made = [fund for one in undone for fund in _funds(books, order, one)]
    for one in undone:
        _check(books, order, one, made)
    for one in undone:
        _go_back(books, one)
    take_back_funds(books, made, order)
    leave_trace(
        books,
        "deleted",
        "Order",
        order.id,
        {
            "number": order.number,
            "orderDate": order.order_date,
            "subscriptions": order.subscriptions,
        },
    )
    return books.orders.change(order, deleted=True)


def _items(order: Order) -> Iterable[Mapping[str, object]]:
    """Return what an order did to each of its subscriptions, from first to last.

    One that it names more than once was before what it was for the first.
    """
    items: dict[object, Mapping[str, object]] = {}
    for item in order.subscriptions:
        number = item["subscriptionNumber"]
        first = items.get(number, item)
        items[number] = {**item, "baseVersion": first["baseVersion"]}
    return items.values()


def _find(books: Books, order: Order, item: Mapping[str, object]) -> _Undone:
    """Find what of a subscription is to go. Raises `RuleBroken` if it is not the latest."""
    number, base = item["subscriptionNumber"], item["baseVersion"]
    known = books.subscriptions.list(number=number, deleted=False, order_by=["version"])
    versions = [one for one in known if not isinstance(base, int) or one.version > base]
    latest = known[-1] if known else None
    is_last = latest is not None and latest.version == item["newVersion"]
    if latest is None or not is_last or latest.order_id != order.id:
        raise RuleBroken(NOT_LATEST.format(order.number, number))
    before = next((one for one in known if one.version == base), None)
    kept = _segments(books, before)
    charges = books.charges.list(subscription_id=latest.id, order_by=["number", "segment"])
    made = [one for one in charges if one.segment_key not in kept]
    return _Undone(before, versions, made)


def _segments(books: Books, version: Subscription | None) -> set[tuple[str, int]]:
    charges = books.charges.list(subscription_id=version.id) if version else ()
    return {one.segment_key for one in charges}


def _funds(books: Books, order: Order, undone: _Undone) -> Iterator[Fund]:
    """Yield the funds that an order made, those among them that came to its charges since.

    Where it left the end of a charge open, that is what came beyond the end that there is again.
    """
    noted = set(order.effects.get("made", ()))
    adjusted = {one["id"] for one in order.effects.get("adjusted", ())}
    credited = set(order.effects.get("credited", ()))
    segments = {one.segment_key for one in undone.made}
    ends = _ends(books, undone.before)
    latest = undone.versions[-1]
    charges = books.charges.list(subscription_id=latest.id)
    ids = list({one.original_id for one in charges})
    for fund in books.entire.funds.list(source_id=ids, order_by=["start_date", "id"]):
        own = fund.segment_key in segments and fund.id not in adjusted
        beyond = fund.start_date >= ends.get(fund.source_id, date.max)
        own = own or (beyond and fund.origin_fund_id is None)
        if (fund.id in noted or own) and (fund.credited_on is None or fund.id in credited):
            yield fund


def _ends(books: Books, before: Subscription | None) -> Mapping[str, date]:
    """Return when recurring prepayments ended before an order, by original id."""
    charges = books.charges.list(subscription_id=before.id) if before else ()
    ends: dict[str, date] = {}
    for one in charges:
        if one.is_topup and one.charge_type == "Recurring":
            ends[one.original_id] = max(one.days.end, ends.get(one.original_id, date.min))
    return ends


def _check(books: Books, order: Order, undone: _Undone, made: Sequence[Fund]) -> None:
    """Refuse to take from under usage and invoices what they are of."""
    books = books.entire
    for charge in undone.made:
        if charge.charge_type == "Usage" and _is_used(books, charge):
            raise RuleBroken(USED.format(charge.number, order.number))
    ids = {fund.id for fund in made}
    segments = {one.segment_key: one.number for one in undone.made}
    charges = [*(one.original_id for one in undone.made), *(fund.source_id for fund in made)]
    numbers = {fund.source_id: fund.charge_number for fund in made}
    for item in billed_items(books, list(dict.fromkeys(charges))):
        key = (str(item.charge_id), item.charge_segment or 1)
        if item.fund_id in ids or key in segments:
            number = segments.get(key) or numbers[str(item.charge_id)]
            raise RuleBroken(BILLED.format(number, order.number))


def _is_used(books: Books, charge: RatePlanCharge) -> bool:
    own, segment = charge.original_id, charge.segment
    used = books.guided_usage.list(charge_id=own, charge_segment=segment, deleted=False, limit=1)
    return bool(used)


def _go_back(books: Books, undone: _Undone) -> None:
    """Make the version before the latest again."""
    for version in undone.versions:
        books.subscriptions.change(version, is_latest=False, deleted=True)
    gone = books.charges.list(subscription_id=undone.versions[-1].id)
    made = {one.id for one in undone.made}
    books.charges.save_all(
        [
            replace(one, effective_end_date=one.effective_start_date)
            if one.id in made
            else replace(one, is_latest=False)
            for one in gone
        ]
    )
    if undone.before is not None:
        books.subscriptions.change(undone.before, is_latest=True)
        charges = books.charges.list(subscription_id=undone.before.id)
        books.charges.save_all([replace(one, is_latest=True) for one in charges])
