"""Whether a database may have the demonstration, has it, or is somebody's."""

from enum import Enum, auto

from earned.bootstrap.application import Application
from earned.cli.opening import scope_of
from earned.cli.story.customers import FIRST_MONTH, NIMBUS
from earned.cli.story.months import Months
from earned.domain.calendar import parse_day
from earned.domain.tenancy import Entity, OAuthClient
from earned.services.ports import Books

CLIENT_ID = "de300000-0000-4000-8000-000000000001"
CLIENT_SECRET = "demonstration"  # noqa: S105 - Everybody knows it: the data is made up.

REFERENCE = "rs transaction ref"
"""The reference of the revenue schedule that the story ends with."""


class State(Enum):
    """What is in a database."""

    EMPTY = auto()
    BEGUN = auto()
    TOLD = auto()
    OTHERS = auto()


def state_of(application: Application, today: Months) -> tuple[State, Months]:
    """Return what is in a database, and the months of the story in it, or of one told `today`."""
    entities = application.clients.list(Entity)
    if not entities:
        return State.EMPTY, today
    if len(entities) > 1:
        return State.OTHERS, today
    with application.database.reading(scope_of(entities[0])) as books:
        return _state_of(books, today)


def has_its_secret(application: Application) -> bool:
    """Say whether the client of the demonstration is there and has the secret everybody knows."""
    clients = application.clients.list(OAuthClient)
    found = next((client for client in clients if client.id == CLIENT_ID), None)
    return found is not None and application.knows_secret(found, CLIENT_SECRET)


def _state_of(books: Books, today: Months) -> tuple[State, Months]:
    account = books.accounts.find(number=NIMBUS.number)
    if account is not None and FIRST_MONTH in account.custom_fields:
        months = Months(parse_day(account.custom_fields[FIRST_MONTH], FIRST_MONTH))
        is_told = books.schedules.count(reference_id=REFERENCE, account_id=account.id) > 0
        return (State.TOLD if is_told else State.BEGUN), months
    kinds = (books.accounts, books.products, books.units, books.codes)
    is_empty = all(kind.count() == 0 for kind in kinds) and books.periods.count() <= 1
    return (State.EMPTY if is_empty else State.OTHERS), today
