"""Rating groups: which usage of a service period is priced together (U 2.20).

Each group is rated by itself, as if it were all the usage there is, and the service period costs
what its groups add up to.
"""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from earned.domain.charge import ChargeTerms
from earned.domain.terms import plain_word

GROUP_FIELD = "GroupId__c"
"""The custom field of a usage record that says its group, for charges rated by group id."""

# The other models are rated by service period, whatever the charge says.
_GROUPED = frozenset({"PerUnit", "Volume", "Tiered"})
_WORDS = frozenset({"byusagestartdate", "byusagerecord", "byusageupload", "bygroupid"})


class Sent(Protocol):
    """What a usage record came with."""

    @property
    def import_id(self) -> str | None:
        """The file it came in."""

    @property
    def custom_fields(self) -> Mapping[str, object]:
        """What is kept beside its standard fields."""


def is_grouped(charge: ChargeTerms) -> bool:
    """Say whether usage of a charge may be in other groups than one for all of a period."""
    return charge.charge_model in _GROUPED and plain_word(charge.rating_group) in _WORDS


def rating_group(charge: ChargeTerms, usage_id: str, day: date, sent: Sent) -> str | None:
    """Return the group of a usage record on a charge; None where the whole period is one.

    Records that came in no file are one group, and so are those without a group id.
    """
    if not is_grouped(charge):
        return None
    word = plain_word(charge.rating_group)
    if word == "byusagestartdate":
        return day.isoformat()
    if word == "byusagerecord":
        return usage_id
    if word == "byusageupload":
        return sent.import_id
    said = sent.custom_fields.get(GROUP_FIELD) if word == "bygroupid" else None
    return None if said in {None, ""} else str(said)
