"""What a change of a subscription belongs to: an order, and what the order does to funds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from earned.domain.exact import plain
from earned.domain.prepaid import Fund


@dataclass(frozen=True, slots=True)
class Amendment:
    """An order as it is carried out; without a number where nobody placed one.

    It collects what it does to funds, in the order it is done: deleting the order goes back through
    it. `made` are funds it created, `credited` those it credited back, `adjusted` what funds were
    before their units or price were changed.
    """

    order_id: str | None = None
    made: list[str] = field(default_factory=list)
    credited: list[str] = field(default_factory=list)
    adjusted: list[Mapping[str, Any]] = field(default_factory=list)

    def adjust(self, fund: Fund) -> None:
        """Note what a fund is before it is adjusted."""
        self.adjusted.append(
            {
                "id": fund.id,
                "units": plain(fund.funded_balance),
                "priceMinor": fund.funding_price_minor,
                "segment": fund.charge_segment,
            }
        )

    @property
    def effects(self) -> Mapping[str, Any]:
        """What it did, as its order keeps it."""
        return {"made": self.made, "credited": self.credited, "adjusted": self.adjusted}
