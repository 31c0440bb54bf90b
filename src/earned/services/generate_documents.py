"""Generate the billing documents of one account (R 12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.account import Account
from earned.domain.bill_run import check_target, read_excluded
from earned.domain.billing import BillingDocument
from earned.domain.billing_rules import check_open
from earned.domain.errors import RuleBroken
from earned.domain.renewing import Renewal
from earned.domain.subscription import Subscription
from earned.services.bill_account import BillAccount, bill_account
from earned.services.find import account_by_key, subscription_by_key
from earned.services.ports import Books
from earned.services.see_periods import periods_to_work_in


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateDocuments:
    """Which account to bill, or which of its subscriptions."""

    account_key: str
    target_date: date
    effective_date: date
    auto_post: bool = False
    auto_renew: bool = False
    excluded: Sequence[str] | None = None
    subscription_ids: Sequence[str] | None = None
    reason_code: str | None = None


def generate_documents(books: Books, command: GenerateDocuments) -> Sequence[BillingDocument]:
    """Draft the documents of one account, and post them if that is asked for; all or none.

    Raises `NotFound`, `Invalid`, `RuleBroken` or `PeriodClosed`.
    """
    check_target(command.target_date, books.today())
    account = account_by_key(books, command.account_key)
    excluded = read_excluded(command.excluded, "chargeTypeToExclude")
    chosen = None
    if command.subscription_ids:
        found = [subscription_by_key(books, key) for key in command.subscription_ids]
        check_owner(found, account)
        chosen = frozenset(one.original_id for one in found)
    periods = periods_to_work_in(books)
    check_open(command.effective_date, periods, "effective date", "effectiveDate")
    return bill_account(
        books,
        BillAccount(
            account=account,
            target=command.target_date,
            document_date=command.effective_date,
            excluded=excluded,
            subscription_ids=chosen,
            renewal=Renewal.AUTO if command.auto_renew else Renewal.NONE,
            post=command.auto_post,
            reason_code=command.reason_code,
        ),
    )


def check_owner(subscriptions: Sequence[Subscription], account: Account) -> None:
    """Refuse subscriptions that another account pays for. Raises `RuleBroken`."""
    for one in subscriptions:
        if one.invoice_owner_id != account.id:
            message = f"Subscription {one.number} is paid for by another account."
            raise RuleBroken(message, field="subscriptionId")
