"""Bill runs: billing documents of many accounts at once, and what becomes of them (R 12).

A run bills a few accounts at a time, each few in a transaction. One for few is done when its answer
is sent; a longer one goes on afterwards, so that usage waits for a few accounts and not for all. An
account that cannot be billed is named with the reason, and keeps no other from being billed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from earned.domain.errors import Invalid, Missing, RuleBroken
from earned.domain.tenancy import Stamped
from earned.domain.terms import plain_word

SOURCE = "BillRun"
"""The source of documents that a bill run made; another one names the operation."""
SUBSCRIPTIONS_MAX = 50
AT_ONCE = 25
"""How many accounts are billed in one transaction."""
YEARS_MAX = 100
"""How far ahead something may be billed: a term is no longer either."""
ALL_BATCHES, ALL_DAYS = "AllBatches", "AllBillCycleDays"

_TYPES = {"onetime": "OneTime", "recurring": "Recurring", "usage": "Usage"}


class BillRunStatus(StrEnum):
    """Pending has billed nobody yet, Processing not everybody.

    Completed has drafts; they are posted, or thrown away when it is canceled.

    One that billed nobody because of errors is in error.
    """

    PENDING = "Pending"
    PROCESSING = "Processing"
    COMPLETED = "Completed"
    ERROR = "Error"
    POSTED = "Posted"
    CANCELED = "Canceled"

    @property
    def is_over(self) -> bool:
        """Whether nobody is left to be billed."""
        return self not in {BillRunStatus.PENDING, BillRunStatus.PROCESSING}


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRun(Stamped):
    """Which accounts or subscriptions are billed, through which day, and what went wrong.

    `account_ids` and `subscription_ids` (original ones) are what its filters named, empty where it
    is for everybody; what `organization_ids` may see is billed. Accounts are billed in the order of
    their ids, `billed_through` one of them; `errors` name those that were not. With `auto_renewal`,
    subscriptions that renew by themselves and whose term is over are renewed first.
    """

    id: str
    entity_id: str
    number: str
    name: str | None = None
    status: BillRunStatus = BillRunStatus.PENDING
    target_date: date
    invoice_date: date
    auto_post: bool = False
    auto_renewal: bool = False
    excluded_charge_types: Sequence[str] = ()
    filters: Sequence[Mapping[str, object]] = ()
    account_ids: Sequence[str] = ()
    subscription_ids: Sequence[str] = ()
    organization_ids: tuple[str, ...] | None = None
    billed_through: str = ""
    errors: Sequence[Mapping[str, object]] = field(default_factory=list)
    document_count: int = 0


def check_target(target: date, today: date) -> None:
    """Refuse to bill what has no end for longer than anybody lives. Raises `Invalid`."""
    if target.year > today.year + YEARS_MAX:
        message = f"'targetDate' value should be at most {YEARS_MAX} years from today"
        raise Invalid(message, field="targetDate")


def read_excluded(said: Collection[str] | None, field: str) -> frozenset[str]:
    """Return the charge types that are not billed, read without regard to case."""
    known = {_TYPES.get(plain_word(name)) for name in said or ()}
    if None in known:
        message = f"'{field}' value should be one of: {', '.join(_TYPES.values())}"
        raise Invalid(message, field=field)
    return frozenset(name for name in known if name)


def check_scope(
    batches: Collection[str] | None, cycle_day: str | None, filters: Sequence[object] | None
) -> None:
    """Refuse a run that says twice whom it is for, or by what accounts do not have.

    Accounts are in no batches, and everybody has every bill cycle day. Raises `Invalid`.
    """
    if batches and filters:
        message = "'batches' and 'billRunFilters' cannot be specified together"
        raise Invalid(message, field="billRunFilters")
    if any(batch != ALL_BATCHES for batch in batches or ()):
        raise Invalid(f"'batches' value should be {ALL_BATCHES}", field="batches")
    if cycle_day not in {None, "", ALL_DAYS}:
        raise Invalid(f"'billCycleDay' value should be {ALL_DAYS}", field="billCycleDay")
    if not batches and not filters:
        message = "'batches' or 'billRunFilters' may not be null"
        raise Missing(message, field="billRunFilters")


def check_postable(run: BillRun) -> None:
    """Refuse to post anything but a completed run."""
    _check(run, "posted", BillRunStatus.COMPLETED)


def check_cancelable(run: BillRun) -> None:
    """Refuse to cancel a run whose documents are posted, or that is canceled.

    One that goes on bills nobody any more.
    """
    begun = BillRunStatus.PENDING, BillRunStatus.PROCESSING
    _check(run, "canceled", *begun, BillRunStatus.COMPLETED, BillRunStatus.ERROR)


def check_deletable(run: BillRun) -> None:
    """Refuse to delete a run that has documents."""
    _check(run, "deleted", BillRunStatus.CANCELED, BillRunStatus.ERROR)


def _check(run: BillRun, action: str, *allowed: BillRunStatus) -> None:
    if run.status not in allowed:
        needed = " or ".join(allowed)
        message = f"Bill run {run.number} cannot be {action}: it is {run.status}, not {needed}."
        code = "CANNOT_DELETE" if action == "deleted" else ""
        raise RuleBroken(message, code=code)
