"""What the terms of a charge must be (U 1.4), in the catalog and where an order overrides them.

Terms come in the spelling that is kept (`charge_spelling.canonical`). The real catalog API takes
the prepaid fields only from `X-Zuora-WSDL-Version` 114 on; the official client does not send that
header, so here they are always accepted.

Every rule that is broken is named, in this order: the charge itself, its numbers, its prices, then
what its kind of prepaid charge asks for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby, pairwise
from operator import attrgetter

from earned.domain.breakage import BreakagePolicy
from earned.domain.charge import ChargeTerms, Tier
from earned.domain.charge_spelling import object_name
from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.exact import ONE, fits, multiply, subtract

VALIDITY_MONTHS: Mapping[str, int] = {"ANNUAL": 12, "SEMI_ANNUAL": 6, "QUARTER": 3, "MONTH": 1}
"""Months of a validity period; `SUBSCRIPTION_TERM` is as long as the term (U 2.3)."""

ROLLOVER_PERIODS_MAX = 3

_LENGTH_MAX = 1200
_DAYS_OF_A_MONTH = 31
_ONE_PRICE = {"FlatFee", "PerUnit", "Overage"}
_BANDS = {"Volume", "Tiered", "TieredWithOverage"}
_COUNTING = {"PerUnit", "Overage", *_BANDS}
_NOT_FOR_DRAWDOWN = {
    *("FlatFee", "Delivery", "PreratedPerUnit", "PreratedPricing"),
    *("HighWatermarkVolumePricing", "HighWatermarkTieredPricing"),
}
_WEEKS = {"Week", "Specific_Weeks", "Per_Week"}
_OF_DAYS = {"SPECIFIC_DAYS", "SPECIFIC_WEEKS"}
_POSITIVE = ("prepaid_quantity", "drawdown_rate")
_QUANTITIES = ("default_quantity", "included_units", *_POSITIVE)
_OF_ROLLOVER = (
    *("rollover_apply", "rollover_periods", "rollover_period_length", "rollover_period_type"),
    *("rollover_fund_priority", "rollover_end_date_type", "rollover_end_date"),
)
_TOPUP_ONLY = (
    *("prepaid_quantity", "prepaid_uom", "validity_period_type", "credit_option"),
    *("validity_period_alignment", "validity_period_anchor_date"),
    *("validity_period_proration_option", "specific_validity_period_length"),
    *("breakage_policy", "expected_breakage_rate"),
    *("is_rollover", *_OF_ROLLOVER, "fund_support_account_hierarchy"),
)
_DRAWDOWN_ONLY = ("drawdown_rate", "drawdown_uom")
PREPAID_FIELDS = ("is_prepaid", "prepaid_operation_type", *_TOPUP_ONLY, *_DRAWDOWN_ONLY)
"""The fields that exist only where Prepaid with Drawdown is enabled."""


def check_terms(terms: ChargeTerms) -> None:
    """Refuse terms that cannot be, naming every broken rule. Raises `EarnedError`."""
    general = [*_general(terms), *_list_price(terms)]
    problems = [*general, *_quantities(terms), *_prices(terms), *_prepaid(terms)]
    if problems:
        raise EarnedError(problems)


def prepaid_total(terms: ChargeTerms) -> Decimal | None:
    """Return the units of one validity period: the quantity prepaid, times that bought (U 1.4).

    A flat fee is bought once. None for anything but a prepayment charge.
    """
    if not terms.is_topup or terms.prepaid_quantity is None:
        return None
    bought = ONE if terms.charge_model == "FlatFee" else terms.default_quantity
    return multiply(terms.prepaid_quantity, ONE if bought is None else bought)


def given_prepaid_fields(terms: ChargeTerms) -> Sequence[str]:
    """Return which prepaid fields say something: more than nothing, and more than no."""
    return [field for field in PREPAID_FIELDS if _says(terms, field)]


def _general(terms: ChargeTerms) -> Iterator[Problem]:
    counts = terms.charge_type == "Usage" or terms.charge_model in _COUNTING
    if counts and not terms.uom:
        yield _missing("uom")
    if terms.charge_type == "Recurring" and not terms.billing_period:
        yield _missing("billing_period")
    if (terms.billing_period or "").startswith("Specific_") and not terms.specific_billing_period:
        yield _missing("specific_billing_period")
    length = terms.specific_billing_period
    if length is not None and not 1 <= length <= _LENGTH_MAX:
        yield _wrong("specific_billing_period", f"value should be between 1 and {_LENGTH_MAX}")
    if terms.bill_cycle_day is not None and not 1 <= terms.bill_cycle_day <= _DAYS_OF_A_MONTH:
        yield _wrong("bill_cycle_day", f"value should be between 1 and {_DAYS_OF_A_MONTH}")
    if terms.charge_model == "Overage" and terms.included_units is None:
        yield _missing("included_units")


def _list_price(terms: ChargeTerms) -> Iterator[Problem]:
    """A price of so many months is not read: it would be billed as another one."""
    if terms.list_price_base == "Per_Specific_Months":
        text = "Per_Specific_Months is not supported: say Per_Month, with the price of one month"
        yield _wrong("list_price_base", text)


def _quantities(terms: ChargeTerms) -> Iterator[Problem]:
    for field in _QUANTITIES:
        value: Decimal | None = getattr(terms, field)
        if value is None:
            continue
        if fits(value) != (True, True):
            text = "value should have at most 13 integer and 9 fraction digits"
            yield _wrong(field, text)
        elif field in _POSITIVE and value <= 0:
            yield _wrong(field, "value should be greater than 0")
        elif value < 0:
            yield _wrong(field, "value should be at least 0")


def _prices(terms: ChargeTerms) -> Iterator[Problem]:
    """Check the prices of each currency by the model; of models not rated here, only their form."""
    model = terms.charge_model
    if model not in _ONE_PRICE | _BANDS:
        return
    if not terms.tiers:
        yield _missing("tiers")
    for currency, prices in groupby(
        sorted(terms.tiers, key=attrgetter("currency", "tier")), attrgetter("currency")
    ):
        tiers = list(prices)
        if not re.fullmatch("[A-Z]{3}", currency):
            yield Problem(Kind.INVALID, "'Currency' value is invalid", "Currency")
        if any(fits(number) != (True, True) for tier in tiers for number in _numbers(tier)):
            yield _wrong("tiers", f"have a number with too many digits for {currency}")
        elif model in _ONE_PRICE and len(tiers) > 1:
            yield _wrong("tiers", f"should hold one price for {currency}")
        elif model in _BANDS:
            yield from _bands(model, currency, tiers)


def _bands(model: str, currency: str, tiers: Sequence[Tier]) -> Iterator[Problem]:
    bands = [tier for tier in tiers if not tier.is_overage]
    if not bands:
        yield _wrong("tiers", f"should hold at least one tier for {currency}")
    elif not _contiguous(bands):
        yield _wrong("tiers", f"should be contiguous and ascending from 0 for {currency}")
    if model == "TieredWithOverage":
        if len(tiers) - len(bands) != 1:
            yield _wrong("tiers", f"should hold one overage price for {currency}")
        if bands and bands[-1].ending_unit is None:
            yield _wrong("tiers", f"should all have an EndingUnit for {currency}")
    elif len(tiers) > len(bands):
        yield _wrong("tiers", f"should hold no overage price for {currency}")


def _contiguous(bands: Sequence[Tier]) -> bool:
    """Say whether each tier begins where the one before ended.

    A tier may also name its first whole unit: 1 after 0, 11 after 10 (U 2.20 reads bands by their
    ends). Only the last may be without end.
    """
    ends = [Decimal(0), *(tier.ending_unit for tier in bands)]
    if any(end is None for end in ends[:-1]):
        return False
    known = [end for end in ends if end is not None]
    ascending = all(low < high for low, high in pairwise(known))
    return ascending and all(
        0 <= subtract(tier.starting_unit, end) <= 1
        for tier, end in zip(bands, known, strict=False)
        if tier.starting_unit is not None
    )


def _numbers(tier: Tier) -> Iterator[Decimal]:
    for number in (tier.price, tier.starting_unit, tier.ending_unit):
        if number is not None:
            yield number


def _prepaid(terms: ChargeTerms) -> Iterator[Problem]:
    if not terms.is_prepaid:
        fields = [field for field in given_prepaid_fields(terms) if field != "is_prepaid"]
        yield from (_wrong(field, "is only for charges that are prepaid") for field in fields)
    elif terms.is_topup:
        yield from _topup(terms)
        yield from _reach(terms)
        yield from _currency(terms)
        yield from _breakage(terms)
        yield from _rollover(terms)
    elif terms.is_drawdown:
        yield from _drawdown(terms)
        yield from _currency(terms)
    else:
        yield _missing("prepaid_operation_type")


def _topup(terms: ChargeTerms) -> Iterator[Problem]:
    if terms.charge_type not in {"OneTime", "Recurring"}:
        yield _wrong("charge_type", "value should be one of: OneTime, Recurring")
    for field in ("prepaid_quantity", "prepaid_uom", "validity_period_type"):
        if getattr(terms, field) is None and not (field == "prepaid_uom" and terms.is_of_currency):
            yield _missing(field)
    for field in ("billing_period", "list_price_base"):
        if getattr(terms, field) in _WEEKS and not _is_of_days(terms, field):
            yield _wrong(field, "of a prepayment charge may not be in weeks")
    yield from _validity(terms)
    for field in _DRAWDOWN_ONLY:
        if _says(terms, field):
            yield _wrong(field, "is only for drawdown charges")


def _reach(terms: ChargeTerms) -> Iterator[Problem]:
    if terms.fund_support_account_hierarchy and terms.commitment_level != "ACCOUNT":
        yield _wrong("fund_support_account_hierarchy", "is only for DrawdownScope ACCOUNT")


def _currency(terms: ChargeTerms) -> Iterator[Problem]:
    """Funds in currency hold no units, and pay for what is rated by periods (U 2.8)."""
    if not terms.is_of_currency:
        return
    for field in ("prepaid_uom", "drawdown_uom", "drawdown_rate"):
        if getattr(terms, field) is not None:
            yield _wrong(field, "is not for PrepaymentUnitType CURRENCY")
    if terms.is_drawdown and terms.rating_group in {"ByUsageRecord", "ByGroupId"}:
        groups = "ByBillingPeriod, ByUsageStartDate, ByUsageUpload"
        text = f"value should be one of: {groups}, for PrepaymentUnitType CURRENCY"
        yield _wrong("rating_group", text)
    if terms.list_price_base == "Per_Year" and terms.billing_period not in {None, "Annual"}:
        text = "Per_Year of PrepaymentUnitType CURRENCY needs an annual billing period"
        yield _wrong("list_price_base", text)


def _is_of_days(terms: ChargeTerms, field: str) -> bool:
    """Say whether a charge may be billed by weeks, because its validity periods are of days."""
    return field == "billing_period" and terms.validity_period_type in _OF_DAYS


def _validity(terms: ChargeTerms) -> Iterator[Problem]:
    """An anchor goes with the alignment that counts from it, a length with periods that say it."""
    is_anchored = terms.validity_period_alignment == "SpecificDate"
    has_length = (terms.validity_period_type or "").startswith("SPECIFIC_")
    pairs = (
        ("validity_period_anchor_date", is_anchored, "ValidityPeriodAlignment SpecificDate"),
        ("specific_validity_period_length", has_length, "a specific ValidityPeriodType"),
    )
    for field, asked, what in pairs:
        if asked and getattr(terms, field) is None:
            yield _missing(field)
        elif not asked and getattr(terms, field) is not None:
            yield _wrong(field, f"is only for {what}")
    length = terms.specific_validity_period_length
    if length is not None and not 1 <= length <= _LENGTH_MAX:
        yield _wrong(
            "specific_validity_period_length", f"value should be between 1 and {_LENGTH_MAX}"
        )


def _breakage(terms: ChargeTerms) -> Iterator[Problem]:
    """A rate of what is expected to stay unused goes with the policy that uses it, and no other."""
    rate, field = terms.expected_breakage_rate, "expected_breakage_rate"
    if terms.breakage_policy != BreakagePolicy.PROPORTIONAL:
        if rate is not None:
            yield _wrong(field, "is only for BreakagePolicy Proportional")
    elif rate is None:
        yield _missing(field)
    elif not 0 < rate < 1:
        yield _wrong(field, "value should be greater than 0 and less than 1")
    elif fits(rate) != (True, True):
        yield _wrong(field, "value should have at most 9 fraction digits")


def _drawdown(terms: ChargeTerms) -> Iterator[Problem]:
    if terms.charge_type != "Usage":
        yield _wrong("charge_type", "value should be one of: Usage")
    if terms.charge_model in _NOT_FOR_DRAWDOWN:
        yield _wrong("charge_model", "is not allowed for drawdown charges")
    if (terms.drawdown_rate is None) != (terms.drawdown_uom is None) and not terms.is_of_currency:
        yield _missing("drawdown_uom" if terms.drawdown_uom is None else "drawdown_rate")
    elif terms.drawdown_uom and terms.uom == terms.drawdown_uom and terms.drawdown_rate != ONE:
        yield _wrong("drawdown_rate", "value should be 1 when UOM and DrawdownUom are the same")
    for field in _TOPUP_ONLY:
        if _says(terms, field):
            yield _wrong(field, "is only for prepayment charges")


def _rollover(terms: ChargeTerms) -> Iterator[Problem]:
    if not terms.is_rollover:
        for field in _OF_ROLLOVER:
            if _says(terms, field):
                yield _wrong(field, "is only for charges that roll over")
        return
    if terms.rollover_apply is None:
        yield _missing("rollover_apply")
    yield from _rollover_times(terms)
    yield from _rollover_end(terms)


def _rollover_times(terms: ChargeTerms) -> Iterator[Problem]:
    """Units roll a few times, or once for a length of its own."""
    periods, length = terms.rollover_periods, terms.rollover_period_length
    if periods is None and not terms.rollover_period_type:
        yield _missing("rollover_periods")
    elif periods is not None and not 1 <= periods <= ROLLOVER_PERIODS_MAX:
        yield _wrong("rollover_periods", f"value should be between 1 and {ROLLOVER_PERIODS_MAX}")
    if length is not None:
        # A length with a unit of its own may be longer than the validity period.
        whole = None if terms.rollover_period_type else _validity_months(terms)
        yield from _rollover_length(length, terms.rollover_times, whole)
    elif terms.rollover_period_type:
        yield _missing("rollover_period_length")


def _rollover_end(terms: ChargeTerms) -> Iterator[Problem]:
    """A date goes with the end date type that is one, and no other."""
    is_specific, field = terms.rollover_end_date_type == "SpecificDate", "rollover_end_date"
    if is_specific and terms.rollover_end_date is None:
        yield _missing(field)
    elif not is_specific and terms.rollover_end_date is not None:
        yield _wrong(field, "is only for RolloverEndDateType SpecificDate")


def _validity_months(terms: ChargeTerms) -> int | None:
    if terms.validity_period_type == "SPECIFIC_MONTHS":
        return terms.specific_validity_period_length
    return VALIDITY_MONTHS.get(terms.validity_period_type or "")


def _rollover_length(length: int, periods: int | None, whole: int | None) -> Iterator[Problem]:
    """A length in months shortens the one period rolled into, so it is less than all of it."""
    if periods != 1:
        yield _wrong("rollover_period_length", "is only for RolloverPeriods 1")
    if length < 1:
        yield _wrong("rollover_period_length", "value should be greater than 0")
    if whole is not None and length >= whole:
        yield _wrong("rollover_period_length", "should be less than the validity period")


def _says(terms: ChargeTerms, field: str) -> bool:
    value = getattr(terms, field)
    return value is not None and value is not False


def _missing(field: str) -> Problem:
    name = object_name(field)
    return Problem(Kind.MISSING, f"Missing required value: {name}", name)


def _wrong(field: str, text: str) -> Problem:
    name = object_name(field)
    return Problem(Kind.INVALID, f"'{name}' {text}", name)
