"""Notifications of prepaid units that run low: when, what they say, how they are signed (U 2.18).

A threshold is crossed by the change after which less is left than it says, where before it was not
so: once, until there is enough again.
"""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from earned.domain.chain import instant
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.exact import fits, multiply, plain
from earned.domain.prepaid import ValidityPeriodSummary
from earned.domain.tenancy import Stamped

CROSSED = "prepaid.threshold.crossed"
URL_LENGTH_MAX = 2000
SECRET_LENGTHS = range(16, 201)
THRESHOLDS_MAX = 100

WAITS = (
    timedelta(seconds=15),
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720)),
)
"""How long to wait after each failed attempt; after as many and one more it is given up."""

_ALL = Decimal(100)
_HOST = r"(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])"
_URL = re.compile(rf"https?://{_HOST}(?::[1-9][0-9]{{0,4}})?(?:[/?][!-~]*)?")
_BASE64 = "whsec_"


class Mode(StrEnum):
    """What a threshold is compared with."""

    PERCENTAGE = "Percentage"
    UNITS = "Units"


class State(StrEnum):
    """How far a notification has come."""

    PENDING = "Pending"
    DELIVERED = "Delivered"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(Stamped):
    """Below how much of a validity period somebody is to be told, and where.

    Of balances in one unit, or all where `uom` is None. The secret signs what is sent, and is shown
    to nobody.
    """

    id: str
    entity_id: str
    name: str
    mode: Mode
    value: Decimal
    uom: str | None
    url: str
    secret: str = field(repr=False)
    active: bool = True
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message: that a validity period has crossed a threshold, as it was then.

    Written with the change that crossed it. `body` is what is sent, each time the same. It is sent
    until somebody has taken it, at `next_attempt_at`, or it is given up.
    """

    id: str
    entity_id: str
    account_id: str
    threshold_id: str
    validity_period_summary_id: str
    mode: Mode
    value: Decimal
    total_balance: Decimal
    remaining_balance: Decimal
    body: str
    state: State = State.PENDING
    attempts: int = 0
    next_attempt_at: datetime | None
    last_status: int | None = None
    last_error: str | None = None
    created_at: datetime
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a validity period holds: in all, and what is left of it."""

    total: Decimal
    remaining: Decimal


def is_below(mode: Mode, value: Decimal, held: Held) -> bool:
    """Say whether less is left than a threshold says.

    `Total > Remaining and Remaining x 100 / Total < T`, or `Remaining < T` (U 2.18).
    """
    if mode is Mode.UNITS:
        return held.remaining < value
    share = multiply(held.remaining, _ALL) < multiply(value, held.total)
    return held.total > held.remaining and share


def crosses(threshold: Threshold, period: ValidityPeriodSummary, before: Held, now: Held) -> bool:
    """Say whether a change of a validity period crosses a threshold that is for its unit."""
    if threshold.uom not in (None, period.uom):
        return False
    mode, value = threshold.mode, threshold.value
    return is_below(mode, value, now) and not is_below(mode, value, before)


def body_of(
    identity: str, threshold: Threshold, period: ValidityPeriodSummary, held: Held, at: datetime
) -> str:
    """Return what a notification says, as JSON. Quantities are texts, and so exact."""
    told = {
        "id": identity,
        "type": CROSSED,
        "createdAt": instant(at),
        "entityId": threshold.entity_id,
        "threshold": {
            "id": threshold.id,
            "name": threshold.name,
            "mode": threshold.mode,
            "value": plain(threshold.value),
        },
        "accountId": period.account_id,
        "accountNumber": period.account_number,
        "subscriptionNumber": period.subscription_number,
        "uom": period.uom,
        "prepaidBalanceId": period.prepaid_balance_id,
        "validityPeriod": {
            "id": period.id,
            "startDate": period.start_date.isoformat(),
            "endDate": period.end_date.isoformat(),
            "totalBalance": plain(held.total),
            "remainingBalance": plain(held.remaining),
        },
    }
    return json.dumps(told, separators=(",", ":"))


def headers_of(identity: str, secret: str, body: bytes, at: datetime) -> Mapping[str, str]:
    """Return the headers of one attempt: who it is, when it was sent, and the signature of both.

    Those of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`.
    """
    sent = str(int(at.timestamp()))
    signed = f"{identity}.{sent}.".encode() + body
    digest = hmac.new(_key_of(secret), signed, sha256).digest()
    return {
        "webhook-id": identity,
        "webhook-timestamp": sent,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        "content-type": "application/json",
    }


def _key_of(secret: str) -> bytes:
    """Return the key: what follows `whsec_` in base64, or the secret itself."""
    if secret.startswith(_BASE64):
        try:
            return base64.b64decode(secret.removeprefix(_BASE64), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def next_attempt(attempts: int, at: datetime) -> datetime | None:
    """Return when to try again after `attempts` that failed, None where it is given up."""
    return at + WAITS[attempts - 1] if attempts <= len(WAITS) else None


def check_value(mode: Mode, value: Decimal) -> None:
    """Refuse a threshold that is never crossed. Raises `Invalid`."""
    if value <= 0 or not all(fits(value)):
        raise Invalid("'value' value should be greater than 0", field="value")
    if mode is Mode.PERCENTAGE and value > _ALL:
        raise Invalid("'value' value should be at most 100", field="value")


def check_url(url: str) -> None:
    """Refuse an address that cannot be called, or that holds a password. Raises `Invalid`."""
    if len(url) > URL_LENGTH_MAX or not _URL.fullmatch(url):
        raise Invalid("'url' value is invalid", field="url")


def check_secret(secret: str) -> None:
    """Refuse a secret that is too short to keep one. Raises `Invalid`."""
    if len(secret) not in SECRET_LENGTHS or not secret.isascii() or not secret.isprintable():
        lengths = f"{SECRET_LENGTHS.start} to {SECRET_LENGTHS.stop - 1}"
        raise Invalid(f"'secret' value should have {lengths} printable characters", field="secret")


def check_resend(notification: Notification) -> None:
    """Refuse to send again what is on its way. Raises `RuleBroken`."""
    if notification.state is State.PENDING:
        raise RuleBroken("The notification has not been given up: it is on its way.")
