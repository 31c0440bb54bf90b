"""`earned expire`: what nobody used of funds whose validity is over."""

import click

from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_json
from earned.domain.money import Currency, major
from earned.services.expire_funds import ExpireFunds, expire_funds, expiring_through


@click.command(cls=Command)
@click.option(
    "--through",
    metavar="DATE",
    help="Funds expire whose last day is not later; a day that is over, as yyyy-mm-dd. "
    "By default yesterday, less the days of expiryGraceDays.",
)
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def expire(through: str | None, entity_id: str | None, as_json: bool) -> None:
    """Expire what is left of funds whose validity is over, and earn it as breakage.

    Not of funds whose charge has the breakage policy None. The revenue is in the books when it is
    collected.
    """
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.writing() as transaction:
            books = transaction.books(scope)
            day = through or str(expiring_through(books))
            done = expire_funds(books, ExpireFunds(through=day))
    breakage = [
        {"currency": code, "amount": str(major(minor, Currency.of(code)))}
        for code, minor in sorted(done.amounts_minor.items())
    ]
    if as_json:
        say_json({"success": True, "expiredFunds": done.funds, "breakage": breakage})
        return
    earned = ", ".join(f"{one['amount']} {one['currency']}" for one in breakage)
    say(f"{done.funds:,} funds expired" + (f", breakage of {earned}." if earned else "."))
