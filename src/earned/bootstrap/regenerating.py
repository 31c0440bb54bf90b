"""Regenerate all prepayment charges: the ledger is added up outside of any transaction."""

from collections.abc import Callable
from functools import partial

from earned.bootstrap.application import Application
from earned.domain.tenancy import Scope
from earned.engine.bulk.ledger import summed_ledger
from earned.services.regenerate_all import RegeneratedAll, add_up, rebuild_all, restore_all
from earned.storage.ledger import write_ledger

TOGETHER = 50
"""Charges whose rows are mended in one transaction."""

Tell = Callable[[RegeneratedAll], None]


def nobody(total: RegeneratedAll) -> None:
    """Tell nobody."""


def regenerate_all(application: Application, scope: Scope, tell: Tell = nobody) -> RegeneratedAll:
    """Regenerate an entity's daily rows and revenue events; `tell` hears how far it has come."""
    database, total = application.database, RegeneratedAll()
    write = partial(write_ledger, database.engine, scope.entity_id)
    with (
        summed_ledger(write, is_embedded=database.is_embedded) as ledger,
        database.reading(scope) as books,
    ):
        for rebuilt in rebuild_all(books, ledger, TOGETHER):
            with database.writing(structural=False) as transaction:
                done = restore_all(transaction.books(scope), rebuilt)
            total = add_up(total, done)
            tell(total)
    return total
