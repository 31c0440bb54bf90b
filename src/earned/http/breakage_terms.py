"""What requests say of breakage, and the standards that the choice rests on."""

from typing import Annotated

from pydantic import Field

BreakageChoice = Annotated[
    str,
    Field(
        max_length=100,
        description="When prepaid units that nobody uses become revenue (ASC 606-10-55-46 to 49, "
        "IFRS 15 B44 to B47). `AtExpiry`, the default: when they expire, where no breakage is "
        "expected (55-48, second sentence; B46). `Proportional`: with the units that are used, "
        "where the seller expects to be entitled to it and the estimate passes the constraint on "
        "variable consideration (55-48, first sentence; 606-10-32-11 to 13; IFRS 15 56 to 58). "
        "`None`: never by itself, where it may have to be paid back or handed over (55-49; B47).",
    ),
]

EXPECTED_RATE = (
    "The part of the units that is expected to stay unused, more than 0 and less than 1. Only for "
    "the breakage policy `Proportional`, which needs it."
)
