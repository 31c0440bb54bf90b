"""Accounting and billing rules among an entity's settings, as the Settings API of Zuora has them.

Rules that mean nothing here are not offered. Who sends them anyway, as a copy of another tenant's
rules does, may say what holds here and nothing else (R 5).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from earned.domain.errors import EarnedError, Kind, Problem
from earned.domain.settings import SETTINGS
from earned.domain.tenancy import Settings

_SPELLED = MappingProxyType({"true": True, "false": False})


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules that are read and changed together: settings by the names the API has for them.

    `holds` are other rules of the API, with what can only be here.
    """

    key: str
    words: str
    path: str
    names: Mapping[str, str]
    holds: Mapping[str, object]

    def read(self, settings: Settings) -> Mapping[str, bool]:
        """Return the rules by their wire names."""
        return {name: bool(getattr(settings, self.field(name))) for name in self.names}

    def field(self, name: str) -> str:
        """Return the field of the settings that has a rule."""
        return SETTINGS[self.names[name]].field

    def wanted(self, sent: Mapping[str, object]) -> Mapping[str, bool]:
        """Return the rules that are to change. Raises a refusal that names every fault.

        A rule that is not named stays as it is.
        """
        problems = [problem for name in sent for problem in self._problems(name, sent[name])]
        if problems:
            raise EarnedError(problems)
        return {name: bool(_switch(sent[name])) for name in self.names if name in sent}

    def _problems(self, name: str, value: object) -> Iterator[Problem]:
        if name in self.holds:
            if _switch(value) != self.holds[name]:
                held = _HELD.get(str(self.holds[name]), str(self.holds[name]))
                yield Problem(Kind.RULE, f"'{name}' can only be {held} here", name)
        elif name in self.names:
            if value is None:
                yield Problem(Kind.MISSING, f"'{name}' may not be null", name)
            elif not isinstance(_switch(value), bool):
                yield Problem(Kind.INVALID, f"'{name}' value should be true or false", name)
        else:
            rules, words = ", ".join(self.names), self.words
            text = f"There is no {words} '{name}'. {words.capitalize()}s are {rules}."
            yield Problem(Kind.UNKNOWN_FIELD, text, name)


_HELD = MappingProxyType({"True": "true", "False": "false", "None": "null"})

_ACCOUNTING = (
    *("allowBlankAccountingCodes", "allowCreationInClosedPeriod"),
    *("allowUsageInClosedPeriod", "allowRevenueScheduleNegativeAmounts"),
)

ACCOUNTING_RULES = RuleSet(
    key="AccountingRules",
    words="accounting rule",
    path="/accounting-rules",
    names=MappingProxyType({name: name for name in _ACCOUNTING}),
    holds=MappingProxyType(
        {
            "differentCurrencies": False,
            "createJournalEntriesForPendingPayments": False,
            "useOriginalExchangeRateForCredits": False,
            "cashBasedAccountingStartDate": None,
        }
    ),
)

BILLING_RULES = RuleSet(
    key="BillingRules",
    words="billing rule",
    path="/billing-rules",
    names=MappingProxyType(
        {
            "rateUsageIndividually": "rateUsageIndividually",
            "includeChildUsage": "includeUsageFromChildAccounts",
        }
    ),
    holds=MappingProxyType(
        {
            "daysInMonth": "UseActualDays",
            "prorationUnit": "ProrateByDay",
            "proratePeriodOfRecurringCharge": True,
            "prorateRecurringMonthlyCharges": True,
            "prorateRecurringWeeklyCharges": True,
            "prorateUsageMonthlyCharges": False,
            "prorateUsageWeeklyCharges": False,
            "oneTimeCreditBack": False,
            "legalDocumentGeneratingRule": "GroupbyChargedAmountSign",
        }
    ),
)

RULE_SETS = (ACCOUNTING_RULES, BILLING_RULES)


def _switch(value: object) -> object:
    """Return a boolean also where it was sent as a text."""
    return _SPELLED.get(value.lower(), value) if isinstance(value, str) else value
