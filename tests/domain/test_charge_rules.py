"""What the terms of a charge must be (U 1.4)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.charge import ChargeTerms, Tier
from earned.domain.charge_rules import check_terms, given_prepaid_fields, prepaid_total
from earned.domain.charge_spelling import CHOICES, canonical, long_form, object_name
from earned.domain.errors import EarnedError

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def tier(price: str, start: str | None = None, end: str | None = None, **more: Any) -> Tier:
    return Tier(
        currency=more.pop("currency", "USD"),
        price=Decimal(price),
        starting_unit=None if start is None else Decimal(start),
        ending_unit=None if end is None else Decimal(end),
        **more,
    )


def terms(**changes: Any) -> ChargeTerms:
    facts: dict[str, Any] = {
        "name": "Charge",
        "charge_type": "Recurring",
        "charge_model": "FlatFee",
        "billing_period": "Month",
        "tiers": (tier("1000"),),
        "created_by": "u",
        "created_at": NOW,
        "updated_by": "u",
        "updated_at": NOW,
    }
    return ChargeTerms(**{**facts, **changes})


def topup(**changes: Any) -> ChargeTerms:
    prepaid: dict[str, Any] = {
        "is_prepaid": True,
        "prepaid_operation_type": "topup",
        "prepaid_quantity": Decimal(100_000),
        "prepaid_uom": "Token",
        "validity_period_type": "MONTH",
    }
    return terms(**{**prepaid, **changes})


def drawdown(**changes: Any) -> ChargeTerms:
    prepaid: dict[str, Any] = {
        "charge_type": "Usage",
        "charge_model": "PerUnit",
        "uom": "Call",
        "is_prepaid": True,
        "prepaid_operation_type": "drawdown",
        "drawdown_uom": "Token",
        "drawdown_rate": Decimal(5),
    }
    return terms(**{**prepaid, **changes})


def complaints(charge: ChargeTerms) -> list[str]:
    try:
        check_terms(charge)
    except EarnedError as refusal:
        return [problem.message for problem in refusal.problems]
    return []


@pytest.mark.parametrize(
    "charge",
    [
        terms(),
        terms(charge_type="OneTime", billing_period=None),
        topup(),
        topup(charge_type="OneTime", billing_period=None),
        topup(is_rollover=True, rollover_apply="ApplyFirst", rollover_periods=3),
        topup(
            is_rollover=True,
            rollover_apply="ApplyFirst",
            rollover_period_length=5,
            rollover_period_type="Quarter",
        ),
        topup(
            validity_period_type="QUARTER",
            is_rollover=True,
            rollover_apply="ApplyLast",
            rollover_periods=1,
            rollover_period_length=2,
        ),
        topup(
            validity_period_type="SPECIFIC_WEEKS",
            specific_validity_period_length=2,
            billing_period="Week",
            validity_period_alignment="SpecificDate",
            validity_period_anchor_date=date(2026, 1, 5),
            validity_period_proration_option="ProrateUnits",
        ),
        drawdown(),
        drawdown(drawdown_rate=None, drawdown_uom=None),
        drawdown(uom="Token", drawdown_rate=Decimal("1.0")),
        drawdown(
            charge_model="Tiered",
            tiers=(tier("0.03", "0", "1000"), tier("0.02", "1001", "5000"), tier("0.01", "5001")),
        ),
    ],
)
def test_what_the_guides_describe_is_accepted(charge: ChargeTerms) -> None:
    assert complaints(charge) == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"prepaid_quantity": None}, "Missing required value: PrepaidQuantity"),
        (
            {"list_price_base": "Per_Specific_Months"},
            (
                "'ListPriceBase' Per_Specific_Months is not supported: "
                "say Per_Month, with the price of one month"
            ),
        ),
        ({"prepaid_uom": None}, "Missing required value: PrepaidUom"),
        ({"validity_period_type": None}, "Missing required value: ValidityPeriodType"),
        ({"prepaid_quantity": Decimal(0)}, "'PrepaidQuantity' value should be greater than 0"),
        ({"prepaid_quantity": Decimal(-1)}, "'PrepaidQuantity' value should be greater than 0"),
        (
            {"prepaid_quantity": Decimal("1e13")},
            "'PrepaidQuantity' value should have at most 13 integer and 9 fraction digits",
        ),
        (
            {"charge_type": "Usage", "uom": "Token"},
            "'ChargeType' value should be one of: OneTime, Recurring",
        ),
        (
            {"billing_period": "Week"},
            "'BillingPeriod' of a prepayment charge may not be in weeks",
        ),
        (
            {"list_price_base": "Per_Week"},
            "'ListPriceBase' of a prepayment charge may not be in weeks",
        ),
        ({"drawdown_uom": "Token"}, "'DrawdownUom' is only for drawdown charges"),
        ({"drawdown_rate": Decimal(1)}, "'DrawdownRate' is only for drawdown charges"),
        (
            {"is_rollover": True, "rollover_periods": 1},
            "Missing required value: RolloverApply",
        ),
        (
            {"is_rollover": True, "rollover_apply": "ApplyFirst"},
            "Missing required value: RolloverPeriods",
        ),
        (
            {"is_rollover": True, "rollover_apply": "ApplyFirst", "rollover_periods": 4},
            "'RolloverPeriods' value should be between 1 and 3",
        ),
        ({"rollover_periods": 0}, "'RolloverPeriods' is only for charges that roll over"),
        ({"prepaid_operation_type": None}, "Missing required value: PrepaidOperationType"),
        (
            {"validity_period_alignment": "SpecificDate"},
            "Missing required value: ValidityPeriodAnchorDate",
        ),
        (
            {"validity_period_anchor_date": date(2026, 1, 1)},
            "'ValidityPeriodAnchorDate' is only for ValidityPeriodAlignment SpecificDate",
        ),
        (
            {"validity_period_type": "SPECIFIC_DAYS"},
            "Missing required value: SpecificValidityPeriodLength",
        ),
        (
            {"specific_validity_period_length": 10},
            "'SpecificValidityPeriodLength' is only for a specific ValidityPeriodType",
        ),
        (
            {"validity_period_type": "SPECIFIC_WEEKS", "specific_validity_period_length": 0},
            "'SpecificValidityPeriodLength' value should be between 1 and 1200",
        ),
    ],
)
def test_a_prepayment_charge_is_refused(changes: dict[str, Any], complaint: str) -> None:
    assert complaint in complaints(topup(**changes))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"rollover_periods": 2, "rollover_period_length": 1}, "is only for RolloverPeriods 1"),
        ({"rollover_period_length": 3}, "should be less than the validity period"),
        ({"rollover_period_length": 0}, "value should be greater than 0"),
        (
            {"rollover_periods": 2, "rollover_period_length": 1, "rollover_period_type": "Day"},
            "is only for RolloverPeriods 1",
        ),
    ],
)
def test_a_rollover_length_is_refused(changes: dict[str, Any], complaint: str) -> None:
    charge = topup(
        validity_period_type="QUARTER",
        is_rollover=True,
        rollover_apply="ApplyFirst",
        rollover_periods=1,
    )

    assert complaints(replace(charge, **changes)) == [f"'RolloverPeriodLength' {complaint}"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"rollover_period_type": "Day"}, "Missing required value: RolloverPeriodLength"),
        ({"rollover_end_date_type": "SpecificDate"}, "Missing required value: RolloverEndDate"),
        (
            {"rollover_end_date": date(2026, 3, 1)},
            "'RolloverEndDate' is only for RolloverEndDateType SpecificDate",
        ),
        ({"rollover_periods": None}, "Missing required value: RolloverPeriods"),
    ],
)
def test_what_a_rollover_says_more_goes_together(changes: dict[str, Any], complaint: str) -> None:
    charge = topup(is_rollover=True, rollover_apply="ApplyFirst", rollover_periods=1)

    assert complaints(replace(charge, **changes)) == [complaint]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"charge_type": "Recurring"}, "'ChargeType' value should be one of: Usage"),
        ({"uom": None}, "Missing required value: UOM"),
        ({"drawdown_uom": None}, "Missing required value: DrawdownUom"),
        ({"drawdown_rate": None}, "Missing required value: DrawdownRate"),
        ({"drawdown_rate": Decimal(0)}, "'DrawdownRate' value should be greater than 0"),
        (
            {"uom": "Token"},
            "'DrawdownRate' value should be 1 when UOM and DrawdownUom are the same",
        ),
        (
            {"commitment_type": "CURRENCY", "drawdown_uom": None},
            "'DrawdownRate' is not for PrepaymentUnitType CURRENCY",
        ),
        ({"prepaid_quantity": Decimal(5)}, "'PrepaidQuantity' is only for prepayment charges"),
        ({"validity_period_type": "MONTH"}, "'ValidityPeriodType' is only for prepayment charges"),
        ({"is_rollover": True}, "'IsRollover' is only for prepayment charges"),
    ],
)
def test_a_drawdown_charge_is_refused(changes: dict[str, Any], complaint: str) -> None:
    assert complaints(drawdown(**changes)) == [complaint]


@pytest.mark.parametrize(
    "model",
    [
        *("FlatFee", "Delivery", "PreratedPerUnit", "PreratedPricing"),
        *("HighWatermarkVolumePricing", "HighWatermarkTieredPricing"),
    ],
)
def test_six_models_cannot_draw_down(model: str) -> None:
    assert complaints(drawdown(charge_model=model)) == [
        "'ChargeModel' is not allowed for drawdown charges"
    ]


def test_prepaid_fields_are_refused_on_a_charge_that_is_not_prepaid() -> None:
    charge = terms(prepaid_quantity=Decimal(5), is_rollover=False)

    assert complaints(charge) == ["'PrepaidQuantity' is only for charges that are prepaid"]
    assert given_prepaid_fields(charge) == ["prepaid_quantity"]


@pytest.mark.parametrize(
    "tiers",
    [
        (tier("3", "0", "10"), tier("2", "10", "20"), tier("1", "20")),
        (tier("3", "1", "10"), tier("2", "11", "20"), tier("1", "21", "30")),
        (tier("3", None, "10"), tier("2", None, "20"), tier("1")),
        (
            tier("3", "0", "10"),
            tier("2", "10", tier=2),
            tier("3", "0", "5", currency="EUR"),
            tier("2", "5", tier=2, currency="EUR"),
        ),
    ],
)
def test_contiguous_tiers_are_accepted(tiers: tuple[Tier, ...]) -> None:
    assert complaints(drawdown(charge_model="Volume", tiers=tiers)) == []


@pytest.mark.parametrize(
    "tiers",
    [
        (tier("3", "0", "10"), tier("2", "12", "20")),
        (tier("3", "0", "10"), tier("2", "9", "20")),
        (tier("3", "0", "10"), tier("2", "10", "10")),
        (tier("3", "5", "10"),),
        (tier("3", "0"), tier("2", "10", "20")),
    ],
)
def test_tiers_with_gaps_or_overlaps_are_refused(tiers: tuple[Tier, ...]) -> None:
    assert complaints(drawdown(charge_model="Tiered", tiers=tiers)) == [
        "'ProductRatePlanChargeTierData' should be contiguous and ascending from 0 for USD"
    ]


def test_tiered_with_overage_ends_and_says_what_is_beyond() -> None:
    bands = (tier("3", "0", "10"), tier("2", "10", "20"))
    beyond = tier("1", is_overage=True)
    charge = drawdown(charge_model="TieredWithOverage", tiers=(*bands, beyond))
    name = "'ProductRatePlanChargeTierData'"

    assert complaints(charge) == []
    assert complaints(replace(charge, tiers=bands)) == [
        f"{name} should hold one overage price for USD"
    ]
    assert complaints(replace(charge, tiers=(tier("3", "0"), beyond))) == [
        f"{name} should all have an EndingUnit for USD"
    ]
    assert complaints(replace(charge, charge_model="Tiered")) == [
        f"{name} should hold no overage price for USD"
    ]


def test_a_simple_model_has_one_price_in_each_currency() -> None:
    assert complaints(terms(tiers=(tier("1"), tier("1", currency="EUR")))) == []
    assert complaints(terms(tiers=(tier("1"), tier("2")))) == [
        "'ProductRatePlanChargeTierData' should hold one price for USD"
    ]
    assert complaints(terms(tiers=())) == ["Missing required value: ProductRatePlanChargeTierData"]
    assert complaints(terms(tiers=(tier("1", currency="US"),))) == ["'Currency' value is invalid"]


def test_a_number_of_any_size_is_refused_at_once() -> None:
    assert complaints(terms(tiers=(tier("1E+999999999"),))) == [
        "'ProductRatePlanChargeTierData' have a number with too many digits for USD"
    ]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"billing_period": None}, "Missing required value: BillingPeriod"),
        (
            {"billing_period": "Specific_Months"},
            "Missing required value: SpecificBillingPeriod",
        ),
        (
            {"specific_billing_period": 1201},
            "'SpecificBillingPeriod' value should be between 1 and 1200",
        ),
        ({"bill_cycle_day": 32}, "'BillCycleDay' value should be between 1 and 31"),
        ({"charge_model": "PerUnit"}, "Missing required value: UOM"),
        (
            {"charge_model": "Overage", "uom": "Token"},
            "Missing required value: IncludedUnits",
        ),
        ({"default_quantity": Decimal(-1)}, "'DefaultQuantity' value should be at least 0"),
    ],
)
def test_a_charge_is_refused(changes: dict[str, Any], complaint: str) -> None:
    assert complaints(terms(**changes)) == [complaint]


@pytest.mark.parametrize(
    ("charge", "total"),
    [
        (topup(prepaid_quantity=Decimal(300)), Decimal(300)),
        (topup(prepaid_quantity=Decimal(300), default_quantity=Decimal(4)), Decimal(300)),
        (
            topup(
                charge_model="PerUnit",
                prepaid_quantity=Decimal("2.5"),
                default_quantity=Decimal(4),
            ),
            Decimal("10.0"),
        ),
        (topup(charge_model="PerUnit"), Decimal(100_000)),
        (drawdown(), None),
        (terms(), None),
    ],
)
def test_the_total_is_the_quantity_prepaid_times_the_quantity_bought(
    charge: ChargeTerms, total: Decimal | None
) -> None:
    assert prepaid_total(charge) == total


@pytest.mark.parametrize(
    ("field", "text", "kept"),
    [
        ("charge_model", "Flat Fee Pricing", "FlatFee"),
        ("charge_model", "Tiered with Overage Pricing", "TieredWithOverage"),
        ("charge_model", "PreratedPricing`", "PreratedPricing"),
        ("charge_model", "perunit", "PerUnit"),
        ("charge_model", "Discount-Fixed Amount", "DiscountFixedAmount"),
        ("charge_model", "HighWatermarkVolumePricing", "HighWatermarkVolumePricing"),
        ("billing_period", "Semi-Annual", "Semi_Annual"),
        ("billing_period", "Specific Months", "Specific_Months"),
        ("billing_timing", "In Advance", "IN_ADVANCE"),
        ("validity_period_type", "Month", "MONTH"),
        ("validity_period_type", "Subscription_Term", "SUBSCRIPTION_TERM"),
        ("list_price_base", "Per Billing Period", "Per_Billing_Period"),
        ("end_date_condition", "Subscription_End", "SubscriptionEnd"),
        ("credit_option", "timebased", "TimeBased"),
        ("commitment_type", "Unit", "UNIT"),
    ],
)
def test_choices_are_kept_in_one_spelling(field: str, text: str, kept: str) -> None:
    assert getattr(canonical(terms(**{field: text})), field) == kept


@pytest.mark.parametrize("field", CHOICES)
def test_what_is_kept_is_read_back_from_its_long_form(field: str) -> None:
    for value in CHOICES[field]:
        spelled = terms(**{field: long_form(field, value)})
        assert getattr(canonical(spelled), field) == value


def test_every_unknown_choice_is_named() -> None:
    charge = topup(validity_period_type="DECADE", prepaid_operation_type="refill")

    with pytest.raises(EarnedError) as refusal:
        canonical(charge)

    operation, period = (problem.message for problem in refusal.value.problems)
    assert operation == "'PrepaidOperationType' value should be one of: topup, drawdown"
    assert "of: SUBSCRIPTION_TERM, ANNUAL, SEMI_ANNUAL, QUARTER, MONTH, SPECIFIC_" in period


def test_the_charge_function_says_what_the_older_fields_say() -> None:
    assert canonical(terms(charge_function="prepayment")).is_topup
    assert canonical(terms(charge_function="Drawdown")).is_drawdown
    assert not canonical(terms(charge_function="Standard")).is_prepaid


def test_a_prepayment_gives_credit_by_time_unless_it_says_otherwise() -> None:
    assert canonical(topup()).credit_option == "TimeBased"
    assert canonical(topup(credit_option="FullCreditBack")).credit_option == "FullCreditBack"
    assert canonical(drawdown()).credit_option is None


def test_tiers_are_numbered_for_each_currency_with_the_overage_last() -> None:
    sent = (
        tier("9", is_overage=True),
        tier("3", "0", "10"),
        tier("2", "10", "20", currency="EUR"),
        tier("1", "10", "20"),
    )

    numbered = canonical(terms(tiers=sent)).tiers

    assert [(t.currency, t.tier, t.price) for t in numbered] == [
        ("USD", 1, Decimal(3)),
        ("EUR", 1, Decimal(2)),
        ("USD", 2, Decimal(1)),
        ("USD", 3, Decimal(9)),
    ]


def test_fields_are_named_as_in_the_object_api() -> None:
    assert object_name("uom") == "UOM"
    assert object_name("prepaid_uom") == "PrepaidUom"
    assert object_name("commitment_type") == "PrepaymentUnitType"
    assert object_name("rev_rec_code") == "RevRecCode"
