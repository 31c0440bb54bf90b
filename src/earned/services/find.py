"""Find what a key in a path or a body names: by id or by number, in the caller's scope."""

from earned.domain.account import Account
from earned.domain.errors import NotFound
from earned.services.ports import Books


def account_by_key(books: Books, key: str) -> Account:
    """Return the account with that id or number. Raises `NotFound`."""
    found = books.accounts.find(id=key) or books.accounts.find(number=key)
    if found is None:
        raise NotFound.by_key(key)
    return found
