"""Find what a key in a path or a body names: by id or by number, in the caller's scope."""

from earned.domain.account import Account
from earned.domain.errors import NotFound
from earned.domain.subscription import RatePlanCharge
from earned.services.ports import Books


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
    latest = books.charges.list(
        original_id=original_id, is_latest=True, order_by=["-segment"], limit=1
    )
    if latest:
        return latest[0]
    if known is None:
        raise NotFound.by_key(key)
    return known
