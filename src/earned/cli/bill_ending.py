"""The end of a bill run, at the command line: posted or canceled, and said so."""

from collections.abc import Callable

from earned.cli.bill_tables import say_run
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.domain.bill_run import BillRun
from earned.services.end_bill_run import NamedBillRun
from earned.services.ports import Books
from earned.services.show_bill_run import wire_bill_run

End = Callable[[Books, NamedBillRun], BillRun]


def end_run(end: End, run: str, entity_id: str | None, *, as_json: bool) -> None:
    """Have a run ended in a transaction, and say what became of it."""
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.writing() as transaction:
            books = transaction.books(scope)
            shown = wire_bill_run(end(books, NamedBillRun(key=run)), books.settings.zone)
    say_run(shown, as_json=as_json)
