"""What a client may be kept from doing (R 5).

Every client may do everything, unless something is withheld from it.
"""

from collections.abc import Iterable
from enum import StrEnum

from earned.domain.errors import Denied


class Permission(StrEnum):
    """A permission by its name on the command line; `label` is what Zuora calls it."""

    MANAGE_CLOSE_PROCESS = "manageCloseProcess"
    DELETE_CUSTOM_REVENUE_SCHEDULE = "deleteCustomRevenueSchedule"
    DEPLETE_FUNDS = "depleteFunds"
    OVERRIDE_TRANSFERRED = "overrideTransferredToAccounting"

    @property
    def label(self) -> str:
        """Return `Manage Close Process`."""
        words = "".join(f" {letter}" if letter.isupper() else letter for letter in self.value)
        return words[:1].upper() + words[1:]


EVERYTHING = frozenset(Permission)


def remaining(withheld: Iterable[str]) -> frozenset[Permission]:
    """Return what may be done where some permissions are withheld."""
    return EVERYTHING.difference(withheld) if withheld else EVERYTHING


def require(permission: Permission, held: frozenset[Permission]) -> None:
    """Refuse somebody from whom a permission is withheld. Raises `Denied`."""
    if permission not in held:
        raise Denied(f"You need the permission {permission.label}.")
