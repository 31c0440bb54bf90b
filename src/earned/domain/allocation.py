"""Allocate the price of a contract to what it promises, by stand-alone selling prices (R 10.1).

It is done before anything is recognised: a promise is sold at what is allocated to it (an override
of its price), and its fund or schedule earns that (ASC 606-10-32-31, IFRS 15.76). A material right
is a promise too, at what it is worth to those who will use it (606-10-55-42, B40).
"""

from collections.abc import Sequence

from earned.domain.errors import RuleBroken


def allocate(
    price_minor: int, standalone_minor: Sequence[int], increment_minor: int = 1
) -> Sequence[int]:
    """Return the part of each promise in proportion to its stand-alone selling price.

    Parts are multiples of the increment and add up to the price exactly: what is cut off goes, an
    increment each, to where most was cut off. Raises `RuleBroken` where nothing has a price.
    """
    whole = sum(standalone_minor)
    if whole <= 0 or min(standalone_minor) < 0:
        raise RuleBroken("Stand-alone selling prices should be 0 or more, and not all be 0.")
    steps, rest = divmod(price_minor, increment_minor)
    shares = [divmod(steps * one, whole) for one in standalone_minor]
    left = steps - sum(share for share, _ in shares)
    by_cut = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    more = set(by_cut[:left])
    parts = [(share + (place in more)) * increment_minor for place, (share, _) in enumerate(shares)]
    parts[by_cut[0]] += rest
    return parts
