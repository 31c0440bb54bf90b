"""Collect revenue events into revenue schedules (design 2)."""

from earned.domain.collecting import Collected, landings
from earned.domain.periods import open_ended
from earned.services.ports import Books


def collect_revenue(books: Books) -> Collected:
    """Move what revenue events say beyond what was collected of them into accounting periods.

    The day of an event decides the period, or the next open one where that is closed; events later
    than every open period wait for theirs. Of a fund it comes out of Open-Ended, and no more than
    its price; overage becomes schedules of its own. Only what changed since the last run moves, so
    running it again moves nothing, and neither do events that are only stamped for recollection.
    Must have the entity's books to itself (a structural use case): usage may not change events
    meanwhile.
    """
    periods = books.periods.list()
    lands = landings(periods)
    if not lands:
        return Collected()
    return books.collect(lands, open_ended(periods).id)
