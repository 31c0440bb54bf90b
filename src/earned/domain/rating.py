"""What a quantity of usage costs in one service period, by the charge's model (U 2.7, 2.20).

Exact: the caller rounds once, to money. Tiers are read as bands above the previous tier's end, so
that fractions of a unit belong somewhere.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from earned.domain.charge import ChargeTerms, Tier
from earned.domain.rating_group import is_grouped

ZERO = Fraction(0)
_FLAT = "FlatFee"
_VOLUME = "Volume"
_BY_TIERS = frozenset({_VOLUME, "Tiered", "TieredWithOverage"})


def is_rated(charge_model: str) -> bool:
    """Say whether it is known what a charge of a model costs."""
    return charge_model in _MODELS


def rate(terms: ChargeTerms, currency: str, quantity: Decimal) -> Fraction:
    """Return the price of `quantity` in major units.

    A total of zero or less costs nothing: what is left over waits for more usage.
    """
    if quantity <= 0:
        return ZERO
    tiers = of_currency(terms, currency)
    model = _MODELS.get(terms.charge_model, _per_unit)
    return model(tiers, Fraction(quantity), Fraction(terms.included_units or 0)) if tiers else ZERO


def rate_part(terms: ChargeTerms, currency: str, quantity: Decimal, total: Decimal) -> Fraction:
    """Return what the first `quantity` of `total` units costs; of a volume, at the price of all."""
    if terms.charge_model != _VOLUME or total <= 0:
        return rate(terms, currency, quantity)
    tiers = of_currency(terms, currency)
    if quantity <= 0 or not tiers:
        return ZERO
    return _price(tiers[_reached(tiers, Fraction(total))], Fraction(quantity))


def tier_of_all(terms: ChargeTerms, currency: str, total: Decimal) -> int | None:
    """Return at which tier all units are priced, None where tiers are gone through."""
    tiers = of_currency(terms, currency)
    if terms.charge_model != _VOLUME or total <= 0 or not tiers:
        return None
    return _reached(tiers, Fraction(total))


def fee_of_nothing(terms: ChargeTerms, currency: str) -> Fraction:
    """Return what a service period costs in which nothing is used: a fee that starts at 0 (U 2.20).

    That is one of the first tier, if its `StartingUnit` is 0: it is due whether anything is used or
    not. Where funds are drawn first, nothing is rated before they are empty; rating groups are
    there only with usage.
    """
    tiers = of_currency(terms, currency)
    is_by_tiers = terms.charge_type == "Usage" and terms.charge_model in _BY_TIERS
    if not (tiers and is_by_tiers) or terms.is_prepaid or is_grouped(terms):
        return ZERO
    first = tiers[0]
    return (
        Fraction(first.price) if first.price_format == _FLAT and first.starting_unit == 0 else ZERO
    )


def of_currency(terms: ChargeTerms, currency: str) -> Sequence[Tier]:
    """Return the tiers of a charge in a currency, in their order."""
    mine = (tier for tier in terms.tiers if tier.currency == currency)
    return sorted(mine, key=lambda tier: tier.tier)


def _per_unit(tiers: Sequence[Tier], quantity: Fraction, included: Fraction) -> Fraction:
    del included
    return quantity * Fraction(tiers[0].price)


def _flat_fee(tiers: Sequence[Tier], quantity: Fraction, included: Fraction) -> Fraction:
    del quantity, included
    return Fraction(tiers[0].price)


def _overage(tiers: Sequence[Tier], quantity: Fraction, included: Fraction) -> Fraction:
    return max(ZERO, quantity - included) * Fraction(tiers[0].price)


def _volume(tiers: Sequence[Tier], quantity: Fraction, included: Fraction) -> Fraction:
    del included
    return _price(tiers[_reached(tiers, quantity)], quantity)


def _reached(tiers: Sequence[Tier], quantity: Fraction) -> int:
    """Return the place of the tier that a quantity reaches; the last one goes on."""
    places = range(len(tiers))
    return next((at for at in places if ends_at_or_after(tiers[at], quantity)), len(tiers) - 1)


def _tiered(tiers: Sequence[Tier], quantity: Fraction, included: Fraction) -> Fraction:
    del included
    total, floor = ZERO, ZERO
    for tier in tiers:
        if quantity <= floor:
            break
        is_end = tier is tiers[-1] or ends_at_or_after(tier, quantity)
        top = quantity if is_end else Fraction(tier.ending_unit or 0)
        total += _price(tier, top - floor)
        floor = top
    return total


def _tiered_with_overage(tiers: Sequence[Tier], quantity: Fraction, included: Fraction) -> Fraction:
    bands = [tier for tier in tiers if not tier.is_overage]
    beyond = [tier for tier in tiers if tier.is_overage]
    ends = [Fraction(tier.ending_unit) for tier in bands if tier.ending_unit is not None]
    top = max(ends, default=ZERO)
    total = _tiered(bands, min(quantity, top), included)
    return total + sum((_price(tier, max(ZERO, quantity - top)) for tier in beyond), ZERO)


def _price(tier: Tier, units: Fraction) -> Fraction:
    price = Fraction(tier.price)
    if tier.price_format == _FLAT:
        return price if units > 0 else ZERO
    return price * units


def ends_at_or_after(tier: Tier, quantity: Fraction | Decimal) -> bool:
    """Say whether a quantity is within a tier or before it."""
    return tier.ending_unit is None or quantity <= Fraction(tier.ending_unit)


_MODELS: dict[str, Callable[[Sequence[Tier], Fraction, Fraction], Fraction]] = {
    "PerUnit": _per_unit,
    "FlatFee": _flat_fee,
    "Overage": _overage,
    "Volume": _volume,
    "Tiered": _tiered,
    "TieredWithOverage": _tiered_with_overage,
}
