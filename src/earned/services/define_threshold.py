"""Define thresholds of prepaid units, change and delete them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from earned.domain.errors import Invalid, NotFound, RuleBroken
from earned.domain.notifying import (
    THRESHOLDS_MAX,
    Mode,
    Threshold,
    check_secret,
    check_url,
    check_value,
)
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineThreshold:
    """Below how much, of which unit (None: of any), and where to tell it."""

    name: str
    mode: Mode
    value: Decimal
    url: str
    secret: str
    uom: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeThreshold:
    """Which threshold, and the fields of it that change."""

    key: str
    changes: Mapping[str, Any]


def define_threshold(books: Books, command: DefineThreshold) -> Threshold:
    """Define a threshold. Raises `Invalid` for what it cannot be, `RuleBroken` for one too many."""
    if books.thresholds.count(deleted=False) >= THRESHOLDS_MAX:
        raise RuleBroken(f"A maximum of {THRESHOLDS_MAX} thresholds can be defined.")
    given = {one.name: getattr(command, one.name) for one in fields(command)}
    scope, stamp = books.scope, books.stamp()
    made = Threshold(id=books.new_id(), entity_id=scope.entity_id, **given, **stamp)
    _check(books, made)
    leave_trace(books, "defined", "Threshold", made.id, _told(made))
    return books.thresholds.add(made)


def change_threshold(books: Books, command: ChangeThreshold) -> Threshold:
    """Change a threshold; a period that is below it now is told when it crosses it next."""
    found = threshold_by_key(books, command.key)
    changed = replace(found, **command.changes)
    _check(books, changed)
    detail = {"is": _told(changed), "was": _told(found)}
    if changed.secret != found.secret:
        detail["is"] = {**detail["is"], "secret": "changed"}
    leave_trace(books, "changed", "Threshold", found.id, detail)
    return books.thresholds.change(found, **command.changes)


def delete_threshold(books: Books, key: str) -> Threshold:
    """Delete a threshold. What it was told of before is delivered still."""
    found = threshold_by_key(books, key)
    leave_trace(books, "deleted", "Threshold", found.id, _told(found))
    return books.thresholds.change(found, deleted=True)


def threshold_by_key(books: Books, key: str) -> Threshold:
    """Return a threshold that is not deleted. Raises `NotFound`."""
    found = books.thresholds.find(id=key, deleted=False)
    if found is None:
        raise NotFound.by_key(key)
    return found


def _check(books: Books, threshold: Threshold) -> None:
    check_value(threshold.mode, threshold.value)
    check_url(threshold.url)
    check_secret(threshold.secret)
    uom = threshold.uom
    # Balances of money are kept in their currency, which is no unit of measure.
    if uom is not None and not (books.units.find(name=uom) or books.balances.count(uom=uom)):
        raise Invalid("'uom' value is not a unit of measure", field="uom")


def _told(threshold: Threshold) -> Mapping[str, object]:
    """Return what the audit log may know of a threshold: not its secret."""
    hidden = {"secret", "entity_id", "created_by", "created_at", "updated_by", "updated_at"}
    names = (one.name for one in fields(threshold) if one.name not in hidden)
    return {name: getattr(threshold, name) for name in names}
