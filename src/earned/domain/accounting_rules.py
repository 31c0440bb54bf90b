"""The accounting rules among an entity's settings, as the Settings API of Zuora has them (R 5).

Rules that mean nothing here are not offered. Who sends them anyway, as a copy of another tenant's
rules does, may say what holds here and nothing else.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.settings import SETTINGS
from earned.domain.tenancy import Settings

ACCOUNTING_RULES = (
    *("allowBlankAccountingCodes", "allowCreationInClosedPeriod"),
    *("allowUsageInClosedPeriod", "allowRevenueScheduleNegativeAmounts"),
)

_WHAT_HOLDS: Mapping[str, object] = MappingProxyType(
    {
        "differentCurrencies": False,
        "createJournalEntriesForPendingPayments": False,
        "useOriginalExchangeRateForCredits": False,
        "cashBasedAccountingStartDate": None,
    }
)
_SPELLED = MappingProxyType({"true": True, "false": False})


def accounting_rules(settings: Settings) -> Mapping[str, bool]:
    """Return the rules by their wire names."""
    return {name: bool(getattr(settings, SETTINGS[name].field)) for name in ACCOUNTING_RULES}


def read_accounting_rules(sent: Mapping[str, object]) -> Mapping[str, bool]:
    """Return the rules that are to change, by wire name. Raises a refusal that names every fault.

    A rule that is not named stays as it is.
    """
    problems = [problem for name in sent for problem in _problems(name, sent[name])]
    if problems:
        raise EarnedError(problems)
    return {name: bool(_switch(sent[name])) for name in ACCOUNTING_RULES if name in sent}


def _problems(name: str, value: object) -> Iterator[Problem]:
    if name in _WHAT_HOLDS:
        if _switch(value) != _WHAT_HOLDS[name]:
            held = str(_WHAT_HOLDS[name]).lower().replace("none", "null")
            yield Problem(Kind.RULE, f"'{name}' can only be {held} here", name)
    elif name in ACCOUNTING_RULES:
        if value is None:
            yield Problem(Kind.MISSING, f"'{name}' may not be null", name)
        elif not isinstance(_switch(value), bool):
            yield Problem(Kind.INVALID, f"'{name}' value should be true or false", name)
    else:
        rules = ", ".join(ACCOUNTING_RULES)
        text = f"There is no accounting rule '{name}'. Accounting rules are {rules}."
        yield Problem(Kind.UNKNOWN_FIELD, text, name)


def _switch(value: object) -> object:
    """Return a boolean also where it was sent as a text."""
    return _SPELLED.get(value.lower(), value) if isinstance(value, str) else value
