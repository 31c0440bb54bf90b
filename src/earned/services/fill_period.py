"""Fill a new accounting period with the revenue that waited for it in Open-Ended (R 3.2 F10)."""

from collections.abc import Sequence

from earned.domain.accounting import AccountingPeriod
from earned.domain.new_period import shares_of
from earned.domain.periods import open_ended
from earned.services.ports import Books


def fill_period(books: Books, period: AccountingPeriod) -> Sequence[str]:
    """Give the latest period its shares of schedules that were spread by a formula.

    That is every schedule with a range, made by a rule or a distribution over a range, as long as
    nobody touched its Open-Ended amount by hand. Returns the numbers of the distributions. The
    caller has the whole books.
    """
    assert period.end_date is not None, "Open-Ended is not filled"
    periods = books.periods.list()
    shares = shares_of(books.waiting_revenue(period.end_date), period, periods)
    if not shares:
        return ()
    return books.give_shares(shares, period.id, open_ended(periods).id)
