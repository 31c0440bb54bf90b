"""Thresholds: when they are crossed, and how what is sent is signed (U 2.18)."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from earned.domain.errors import Invalid
from earned.domain.notifying import (
    WAITS,
    Held,
    Mode,
    check_secret,
    check_url,
    check_value,
    headers_of,
    is_below,
    next_attempt,
)

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("remaining", "below"), [("1000", False), ("200", False), ("199", True), ("0", True)]
)
def test_u_45_a_fifth_of_a_thousand(remaining: str, *, below: bool) -> None:
    held = Held(Decimal(1000), Decimal(remaining))

    assert is_below(Mode.PERCENTAGE, Decimal(20), held) is below


def test_all_of_it_is_never_too_little_by_percentage() -> None:
    assert not is_below(Mode.PERCENTAGE, Decimal(100), Held(Decimal(10), Decimal(10)))
    assert not is_below(Mode.PERCENTAGE, Decimal(100), Held(Decimal(0), Decimal(0)))
    assert is_below(Mode.PERCENTAGE, Decimal(100), Held(Decimal(10), Decimal("9.999999999")))


def test_units_are_compared_as_they_are() -> None:
    assert not is_below(Mode.UNITS, Decimal(50), Held(Decimal(100), Decimal(50)))
    assert is_below(Mode.UNITS, Decimal(50), Held(Decimal(49), Decimal(49)))


def test_what_is_sent_is_signed_with_its_id_and_its_time() -> None:
    headers = headers_of("n1", "a-secret-of-the-tests", b'{"a":1}', NOW)

    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("n1", "1768478400")
    digest = hmac.new(b"a-secret-of-the-tests", b'n1.1768478400.{"a":1}', sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_a_secret_in_base64_is_the_bytes_that_it_says() -> None:
    secret = "whsec_" + base64.b64encode(b"sixteen bytes ok").decode()

    told = headers_of("n1", secret, b"", NOW)["webhook-signature"]

    assert told == headers_of("n1", "sixteen bytes ok", b"", NOW)["webhook-signature"]


def test_it_is_tried_for_most_of_a_day_and_then_given_up() -> None:
    assert next_attempt(1, NOW) == NOW + timedelta(seconds=15)
    assert next_attempt(len(WAITS), NOW) == NOW + timedelta(hours=12)
    assert next_attempt(len(WAITS) + 1, NOW) is None


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "ftp://example.com", "https://", "https://user:pass@example.com/x"),
        *("https://example.com:0/", "https://exa mple.com", "https://example.com/\u00e4"),
        "https://example.com/" + "a" * 2000,
    ],
)
def test_an_address_that_cannot_be_called_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url)


def test_addresses_that_can_be_called() -> None:
    for url in ("https://example.com", "http://127.0.0.1:8080/x?y=1", "https://[::1]/z"):
        check_url(url)


def test_thresholds_that_are_never_crossed_and_secrets_that_are_none_are_refused() -> None:
    for mode, value in ((Mode.UNITS, "0"), (Mode.PERCENTAGE, "100.1"), (Mode.UNITS, "-1")):
        with pytest.raises(Invalid):
            check_value(mode, Decimal(value))
    for secret in ("short", "x" * 201, "sixteen letters\u00e4"):
        with pytest.raises(Invalid):
            check_secret(secret)
