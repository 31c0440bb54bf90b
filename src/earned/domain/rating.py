"""What a quantity of usage costs in one service period, by the charge's model (U 2.7, 2.20).

Exact: the caller rounds once, to money. Tiers are read as bands above the previous tier's end, so
that fractions of a unit belong somewhere.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from earned.domain.charge import ChargeTerms, Tier

ZERO = Fraction(0)


def rate(terms: ChargeTerms, currency: str, quantity: Decimal) -> Fraction:
    """Return the price of `quantity` in major units.

    A total of zero or less costs nothing: what is left over waits for more usage.
    """
    if quantity <= 0:
        return ZERO
    tiers = of_currency(terms, currency)
    model = _MODELS.get(terms.charge_model, _per_unit)
    return model(tiers, Fraction(quantity), Fraction(terms.included_units or 0)) if tiers else ZERO


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
    reached = next((tier for tier in tiers if ends_at_or_after(tier, quantity)), tiers[-1])
    return _price(reached, quantity)


def _tiered(tiers: Sequence[Tier], quantity: Fraction, included: Fraction) -> Fraction:
    del included
    total, floor = ZERO, ZERO
    for tier in tiers:
        if quantity <= floor:
            break
        top = quantity if ends_at_or_after(tier, quantity) else Fraction(tier.ending_unit or 0)
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
    if tier.price_format == "FlatFee":
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
