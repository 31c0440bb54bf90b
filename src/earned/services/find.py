"""Find what a key in a path or a body names: by id or by number, in the caller's scope."""

from typing import TypeVar

from earned.domain.account import Account
from earned.domain.catalog import Product, ProductRatePlan, ProductRatePlanCharge
from earned.domain.errors import NotFound
from earned.domain.subscription import Order, RatePlanCharge, Subscription
from earned.services.ports import Books, Repository

T = TypeVar("T")


def row_by_id(rows: Repository[T], row_id: str) -> T:
    """Return the row with that id. Raises `NotFound`."""
    found = rows.find(id=row_id)
    if found is None:
        raise NotFound.by_key(row_id)
    return found


def product_by_key(books: Books, key: str) -> Product:
    """Return the product with that id or number. Raises `NotFound`."""
    found = books.products.find(id=key) or books.products.find(number=key)
    if found is None:
        raise NotFound.by_key(key)
    return found


def rate_plan_by_key(books: Books, key: str) -> ProductRatePlan:
    """Return the product rate plan with that id or number. Raises `NotFound`."""
    plans = books.product_rate_plans
    found = plans.find(id=key) or plans.find(number=key)
    if found is None:
        raise NotFound.by_key(key)
    return found


def product_charge_by_key(books: Books, key: str) -> ProductRatePlanCharge:
    """Return the product rate plan charge with that id or number. Raises `NotFound`."""
    charges = books.product_charges
    found = charges.find(id=key) or charges.find(number=key)
    if found is None:
        raise NotFound.by_key(key)
    return found


def account_by_key(books: Books, key: str) -> Account:
    """Return the account with that id or number. Raises `NotFound`."""
    found = books.accounts.find(id=key) or books.accounts.find(number=key)
    if found is None:
        raise NotFound.by_key(key)
    return found


def charge_by_key(books: Books, key: str) -> RatePlanCharge:
    """Return the latest version of a charge, its last segment. Raises `NotFound`.

    The key is the id of any version of any segment, the original id, or the number.
    """
    known = books.charges.find(id=key) or books.charges.find(number=key, is_latest=True)
    original_id = known.original_id if known else key
    segments = books.charges.list(original_id=original_id, is_latest=True, order_by=["segment"])
    if segments:
        effective = [one for one in segments if len(one.days)]
        return (effective or segments)[-1]
    if known is None:
        raise NotFound.by_key(key)
    return known


def subscription_by_key(books: Books, key: str) -> Subscription:
    """Return the latest version of a subscription. Raises `NotFound`.

    The key is the id of any version, the original one among them, or the number.
    """
    known = books.subscriptions.find(id=key)
    criteria = {"original_id": known.original_id} if known else {"number": key}
    latest = books.subscriptions.find(**criteria, is_latest=True)
    if latest is None:
        raise NotFound.by_key(key)
    return latest


def orders_of(books: Books, **versions: object) -> list[str]:
    """Return the ids of the orders that made some versions of subscriptions."""
    found = books.subscriptions.list(deleted=False, **versions)  # type: ignore[arg-type]
    return sorted({one.order_id for one in found if one.order_id})


def order_by_number(books: Books, number: str) -> Order:
    """Return the order with that number. Raises `NotFound`."""
    found = books.orders.find(number=number, deleted=False)
    if found is None:
        raise NotFound.by_key(number)
    return found
