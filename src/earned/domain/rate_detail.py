"""How the amount of a usage item came about, in words, as invoices show it (U 3.1).

The lines are those of the documented sample: `Tier 2: 10-20, 11 Each(s) x $1.00/Each = $11.00`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from earned.domain.charge import ChargeTerms, Tier
from earned.domain.exact import ZERO, add, plain, subtract
from earned.domain.individual import RecordPrice
from earned.domain.money import Currency, major, round_to_minor
from earned.domain.rating import ends_at_or_after, fee_of_nothing, of_currency, rate, tier_of_all

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_TIERED = frozenset({"Tiered", "Volume", "TieredWithOverage"})
_FLAT = "FlatFee"
_RECORDS_MAX = 100
"""So many records are told one by one, of each group; of the others, what they add up to."""

Used = tuple[date, Decimal]
"""The day and the units of a record."""


def list_price(terms: ChargeTerms, currency: Currency) -> str:
    """Return the prices of a charge, a line for each tier where it has any."""
    tiers = of_currency(terms, currency.code)
    if terms.charge_model not in _TIERED:
        return "\n".join(_price(tier, terms, currency) for tier in tiers)
    lines = ["Tier / From / To / List Price / Price Format"]
    for at, tier in enumerate(tiers):
        wording = "Flat Fee" if tier.price_format == _FLAT else "Per Unit"
        start, end = _from(tiers, at), " " if tier.ending_unit is None else plain(tier.ending_unit)
        lines.append(f"{tier.tier} / {start} / {end} / {_number(tier.price, currency)} / {wording}")
    return "\n".join(lines)


def rate_detail(
    terms: ChargeTerms,
    currency: Currency,
    groups: Mapping[str | None, Decimal],
    billed_minor: int = 0,
    paid_minor: int = 0,
) -> str:
    """Return how quantities are rated, each rating group by itself, and the total.

    A line for each part. Of late usage the whole service period is rated, less what was billed of
    it before; where funds in currency pay, less what they have paid.
    """
    tiers = of_currency(terms, currency.code)
    lines: list[str] = []
    total = 0
    for group, quantity in sorted(groups.items(), key=lambda one: one[0] or ""):
        if len(groups) > 1:
            lines.append(f"Group {group}" if group else "No group")
        lines += _lines(terms, tiers, quantity, currency)
        asks = rate(terms, currency.code, quantity)
        price = asks if quantity > 0 else fee_of_nothing(terms, currency.code)
        total += round_to_minor(price, currency)
    if paid_minor:
        lines.append(f"Paid by funds = {_money(-paid_minor, currency)}")
    return "\n".join([*lines, *_ending(total - paid_minor, billed_minor, currency)])


def individual_detail(
    terms: ChargeTerms,
    currency: Currency,
    groups: Mapping[str | None, Sequence[Used]],
    billed_minor: int = 0,
) -> str:
    """Return how records are rated that are rounded and priced one by one, and the total (U 2.20).

    A line for each, in the order they are priced.
    """
    price = RecordPrice(terms, currency)
    lines: list[str] = []
    total = 0
    for group, records in sorted(groups.items(), key=lambda one: one[0] or ""):
        if len(groups) > 1:
            lines.append(f"Group {group}" if group else "No group")
        told, minors = _told(terms, price, records)
        lines += told[:_RECORDS_MAX]
        if rest := minors[_RECORDS_MAX:]:
            lines.append(f"{len(rest)} more records = {_money(sum(rest), currency)}")
        total += sum(minors)
    return "\n".join([*lines, *_ending(total, billed_minor, currency)])


def _told(
    terms: ChargeTerms, price: RecordPrice, records: Sequence[Used]
) -> tuple[list[str], list[int]]:
    """Return what each record comes to, in words and in minor units."""
    all_units = ZERO
    for _, units in records:
        all_units = add(all_units, units)
    lines, minors, before = list[str](), list[int](), None
    for day, units in records:
        after = add(before or ZERO, units)
        minors.append(price.minor(before, after, all_units))
        how = " + ".join(_spans(terms, price.currency, (before or ZERO, after), all_units))
        lines.append(f"{day}: {how} = {_money(minors[-1], price.currency)}")
        before = after
    return lines, minors


def _spans(
    terms: ChargeTerms, currency: Currency, span: tuple[Decimal, Decimal], total: Decimal
) -> Iterator[str]:
    """Yield the parts of units that have one price; what takes back is told as one."""
    tiers, (before, after) = of_currency(terms, currency.code), span
    units = subtract(after, before)
    if units < 0 or not tiers or before < 0:
        yield f"{plain(units)} {terms.uom}(s)"
    elif terms.charge_model == "Tiered":
        yield from _passed(terms, tiers, span, currency)
    elif terms.charge_model == "Overage":
        yield from _beyond(terms, tiers[0], span, currency)
    else:
        at = tier_of_all(terms, currency.code, total) or 0
        yield _span(tiers[at], terms, units, currency, is_first=before == 0)


def _passed(
    terms: ChargeTerms, tiers: Sequence[Tier], span: tuple[Decimal, Decimal], currency: Currency
) -> Iterator[str]:
    floor, (before, after) = ZERO, span
    for tier in tiers:
        is_end = tier is tiers[-1] or ends_at_or_after(tier, after)
        top = after if is_end else tier.ending_unit or ZERO
        units = subtract(top, max(floor, before))
        if units > 0:
            yield _span(tier, terms, units, currency, is_first=before <= floor)
        floor = top


def _beyond(
    terms: ChargeTerms, tier: Tier, span: tuple[Decimal, Decimal], currency: Currency
) -> Iterator[str]:
    included, (before, after) = terms.included_units or ZERO, span
    inside = subtract(min(after, max(included, before)), before)
    if inside > 0:
        yield f"{plain(inside)} {terms.uom}(s) included"
    if rest := subtract(subtract(after, before), inside):
        yield _span(tier, terms, rest, currency, is_first=True)


def _span(
    tier: Tier, terms: ChargeTerms, units: Decimal, currency: Currency, *, is_first: bool
) -> str:
    count, price = f"{plain(units)} {terms.uom}(s)", _price(tier, terms, currency)
    if tier.price_format != _FLAT:
        return f"{count} x {price}"
    return f"{count} for {price}" if is_first else f"{count} of the same"


def _ending(total: int, billed_minor: int, currency: Currency) -> Iterator[str]:
    if billed_minor:
        yield f"Billed before = {_money(-billed_minor, currency)}"
    yield f"Total = {_money(total - billed_minor, currency)}"


def _lines(
    terms: ChargeTerms, tiers: Sequence[Tier], quantity: Decimal, currency: Currency
) -> Sequence[str]:
    """Return the lines of a quantity; of none by tiers, the fee that is due nevertheless."""
    if quantity > 0 or terms.charge_model not in _TIERED:
        return list(_LINES.get(terms.charge_model, _per_unit)(terms, tiers, quantity, currency))
    fee = fee_of_nothing(terms, currency.code)
    return [f"{_named(tiers, 0)}, {_part(tiers[0], terms, quantity, currency)}"] if fee else []


def _per_unit(
    terms: ChargeTerms, tiers: Sequence[Tier], quantity: Decimal, currency: Currency
) -> Iterator[str]:
    for tier in tiers[:1]:
        yield _part(tier, terms, quantity, currency)


def _overage(
    terms: ChargeTerms, tiers: Sequence[Tier], quantity: Decimal, currency: Currency
) -> Iterator[str]:
    included = min(terms.included_units or ZERO, quantity)
    yield f"Included: {plain(included)} {terms.uom}(s)"
    for tier in tiers[:1]:
        rest = _part(tier, terms, subtract(quantity, included), currency)
        yield f"Overage: {rest}"


def _volume(
    terms: ChargeTerms, tiers: Sequence[Tier], quantity: Decimal, currency: Currency
) -> Iterator[str]:
    places = range(len(tiers))
    at = next((at for at in places if ends_at_or_after(tiers[at], quantity)), len(tiers) - 1)
    if tiers:
        yield f"{_named(tiers, at)}, {_part(tiers[at], terms, quantity, currency)}"


def _tiered(
    terms: ChargeTerms, tiers: Sequence[Tier], quantity: Decimal, currency: Currency
) -> Iterator[str]:
    floor = ZERO
    for at, tier in enumerate(tiers):
        if quantity <= floor:
            return
        is_end = tier is tiers[-1] or ends_at_or_after(tier, quantity)
        top = quantity if is_end else tier.ending_unit or ZERO
        units = subtract(top, floor)
        yield f"{_named(tiers, at)}, {_part(tier, terms, units, currency)}"
        floor = top


_Lines = Callable[[ChargeTerms, Sequence[Tier], Decimal, Currency], Iterator[str]]
_LINES: dict[str, _Lines] = {
    "Overage": _overage,
    "Volume": _volume,
    "Tiered": _tiered,
    "TieredWithOverage": _tiered,
}


def _part(tier: Tier, terms: ChargeTerms, units: Decimal, currency: Currency) -> str:
    if _FLAT in {tier.price_format, terms.charge_model}:
        return f"{_amount(Fraction(tier.price), currency)} Flat Fee"
    amount = _amount(Fraction(tier.price) * Fraction(units), currency)
    return f"{plain(units)} {terms.uom}(s) x {_price(tier, terms, currency)} = {amount}"


def _price(tier: Tier, terms: ChargeTerms, currency: Currency) -> str:
    price = f"{_symbol(currency)}{_number(tier.price, currency)}"
    is_flat = _FLAT in {tier.price_format, terms.charge_model}
    return f"{price} Flat Fee" if is_flat else f"{price}/{terms.uom}"


def _named(tiers: Sequence[Tier], at: int) -> str:
    tier, start = tiers[at], _from(tiers, at)
    if tier.ending_unit is None or tier.is_overage:
        return f"Tier {tier.tier}: >={start}"
    return f"Tier {tier.tier}: {start}-{plain(tier.ending_unit)}"


def _from(tiers: Sequence[Tier], at: int) -> str:
    """Return where a tier begins: as it says, or one after the end of the one before."""
    starting = tiers[at].starting_unit
    if starting is not None:
        return plain(starting)
    ending = tiers[at - 1].ending_unit if at else None
    return "0" if ending is None else plain(subtract(ending, Decimal(-1)))


def _number(price: Decimal, currency: Currency) -> str:
    """Return a price with the decimals of its currency, or more where it has more."""
    exponent = price.as_tuple().exponent
    places = max(currency.scale, -exponent if isinstance(exponent, int) else 0)
    return f"{price:.{places}f}"


def _amount(value: Fraction, currency: Currency) -> str:
    return _money(round_to_minor(value, currency), currency)


def _money(minor: int, currency: Currency) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{_symbol(currency)}{major(abs(minor), currency):,}"


def _symbol(currency: Currency) -> str:
    return _SYMBOLS.get(currency.code, f"{currency.code} ")
