"""Usage records as sent: what is checked, in which order, with which words (U 3.3)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.usage_fields import UsageFields, read_usage

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINIMAL = {
    "AccountNumber": "A00000001",
    "UOM": "Token",
    "Quantity": 9,
    "StartDateTime": "2017-12-01T16:41:36.000+01:00",
}


TOO_MANY_DIGITS = (
    "The Usage Quantity exceeds 13 digits before the decimal place, "
    "the maximum digits supported by the system"
)


def read(*, negative_allowed: bool = True, **changes: Any) -> UsageFields:
    return read_usage({**MINIMAL, **changes}, SHANGHAI, negative_allowed=negative_allowed)


def faults(*, negative_allowed: bool = True, **changes: Any) -> list[tuple[Kind, str]]:
    with pytest.raises(EarnedError) as refusal:
        read(negative_allowed=negative_allowed, **changes)
    return [(problem.kind, problem.message) for problem in refusal.value.problems]


def test_the_sample_of_the_seed() -> None:
    fields = read(
        ChargeNumber="C-00000229",
        Description="test",
        SubscriptionNumber="A-S00000100",
        UniqueKey="Test001",
        EndDateTime="2017-12-01T16:41:36.000+01:00",
    )

    assert fields == UsageFields(
        account_id=None,
        account_number="A00000001",
        subscription_id=None,
        subscription_number="A-S00000100",
        charge_id=None,
        charge_number="C-00000229",
        uom="Token",
        quantity=Decimal(9),
        start_date_time=datetime(2017, 12, 1, 15, 41, 36, tzinfo=UTC),
        end_date_time=datetime(2017, 12, 1, 15, 41, 36, tzinfo=UTC),
        description="test",
        unique_key="Test001",
    )


def test_a_date_is_midnight_in_the_zone_of_the_books() -> None:
    fields = read(StartDateTime="2026-01-10")

    assert fields.start_date_time == datetime(2026, 1, 9, 16, tzinfo=UTC)


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_u_36_whatever_is_missing_is_named_before_anything_else(blank: str | None) -> None:
    found = faults(
        AccountNumber=blank, UOM=blank, Quantity=blank, StartDateTime=blank, Description="x" * 201
    )

    assert found == [
        (Kind.MISSING, "The QTY is missing"),
        (Kind.MISSING, "The STARTDATE is missing"),
        (Kind.MISSING, "The UOM is missing"),
        (Kind.MISSING, "The ACCOUNT_ID is missing"),
    ]


def test_an_account_goes_by_id_or_number() -> None:
    assert read(AccountNumber=None, AccountId="a" * 32).account_id == "a" * 32


def test_every_bad_form_is_named_before_the_sign() -> None:
    found = faults(
        negative_allowed=False,
        Quantity=-1,
        ChargeId="x" * 33,
        Description="x" * 201,
        UniqueKey=7,
        EndDateTime="soon",
    )

    assert found == [
        (Kind.INVALID, "'ChargeId' value should be at most 32 characters"),
        (Kind.INVALID, "DESCRIPTION length is longer than the 200 character maximum"),
        (Kind.INVALID, "'UniqueKey' value is invalid"),
        (Kind.INVALID, "The ENDDATE format is invalid"),
    ]


def test_u_40_a_negative_quantity_is_refused_where_the_feature_is_off() -> None:
    assert faults(negative_allowed=False, Quantity=-1) == [
        (Kind.INVALID, "The QTY cannot be less than 0")
    ]
    assert read(Quantity=-1).quantity == -1
    assert read(negative_allowed=False, Quantity=0).quantity == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Quantity": "many"}, "'Quantity' value is invalid"),
        ({"Quantity": True}, "'Quantity' value is invalid"),
        (
            {"Quantity": "10000000000000"},
            TOO_MANY_DIGITS,
        ),
        (
            {"Quantity": "0.0000000001"},
            "The Usage Quantity exceeds 9 digits after the decimal place",
        ),
        ({"StartDateTime": "10/01/2026"}, "The STARTDATE format is invalid"),
        ({"StartDateTime": 20260110}, "The STARTDATE format is invalid"),
        ({"StartDateTime": "0999-12-31T12:00:00Z"}, "The STARTDATE format is invalid"),
        ({"StartDateTime": "9000-01-02T12:00:00Z"}, "The STARTDATE format is invalid"),
        ({"EndDateTime": "9999-12-31T23:59:59Z"}, "The ENDDATE format is invalid"),
        (
            {"StartDateTime": "2026-01-10T10:00:01", "EndDateTime": "2026-01-10T10:00:00"},
            "The Usage STARTDATE cannot be after the ENDDATE",
        ),
        ({"UOM": 5}, "'UOM' value is invalid"),
        ({"UOM": "x" * 51}, "'UOM' value should be at most 50 characters"),
        (
            {"SubscriptionNumber": "x" * 101},
            "'SubscriptionNumber' value should be at most 100 characters",
        ),
        ({"UniqueKey": "x" * 256}, "'UniqueKey' value should be at most 255 characters"),
    ],
)
def test_a_bad_value_has_its_message(changes: dict[str, Any], message: str) -> None:
    assert faults(**changes) == [(Kind.INVALID, message)]


@pytest.mark.parametrize(
    ("name", "length"),
    [("ChargeNumber", 50), ("SubscriptionNumber", 100), ("Description", 200), ("UniqueKey", 255)],
)
def test_text_may_be_as_long_as_its_limit(name: str, length: int) -> None:
    sent: dict[str, Any] = {name: "x" * length}

    assert "x" * length in read(**sent)


@pytest.mark.parametrize("blank", ["", " ", None])
def test_blank_text_is_absent(blank: str | None) -> None:
    fields = read(Description=blank, UniqueKey=blank, ChargeId=blank, EndDateTime=blank)

    assert (fields.description, fields.unique_key, fields.charge_id) == (None, None, None)
    assert fields.end_date_time is None


@given(
    st.decimals(min_value="-9999999999999.9", max_value="9999999999999.9", places=9),
    st.sampled_from([str, Decimal]),
)
def test_a_quantity_is_kept_to_the_last_digit(quantity: Decimal, form: Any) -> None:
    assert read(Quantity=form(quantity)).quantity == quantity


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
NAMES = st.sampled_from([*MINIMAL, "AccountId", "EndDateTime", "Description", "UniqueKey"])


@given(st.dictionaries(NAMES, JSON))
def test_anything_else_is_refused_and_nothing_breaks(changes: dict[str, Any]) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        fields = read(**changes)
    except EarnedError as refusal:
        problems = refusal.problems
    else:
        assert fields.quantity.is_finite()
        assert fields.start_date_time.tzinfo is UTC
    assert {problem.kind for problem in problems} <= {Kind.MISSING, Kind.INVALID}
