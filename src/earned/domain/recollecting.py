"""What each event of a fund has been collected for, when some of the rows were lost."""

from collections.abc import Sequence


def collected_amounts(
    amounts: Sequence[int], kept: Sequence[int | None], moved: int
) -> Sequence[int]:
    """Return what each event was collected for; together exactly `moved`, so nothing moves twice.

    `amounts` are the events' in the order of their days, `kept` what their rows still say (None
    where a row was lost). Collecting goes through days in order, so the rows that are lost take
    their amounts from the earliest on, and the last of them what is left. Where no row is lost and
    the rows do not add up, all of them are doubted.
    """
    doubted = [place for place, minor in enumerate(kept) if minor is None]
    rest = moved - sum(minor or 0 for minor in kept)
    if not doubted and rest:
        doubted, rest = list(range(len(kept))), moved
    collected = [minor or 0 for minor in kept]
    for place in doubted:
        collected[place] = amounts[place] if 0 <= amounts[place] <= rest else 0
        rest -= collected[place]
    if doubted:
        collected[doubted[-1]] += rest
    return collected
