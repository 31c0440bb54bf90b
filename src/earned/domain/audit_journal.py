"""What must always be true of the journal, beside the chain of its seals (R 6)."""

from collections import Counter
from collections.abc import Iterator, Sequence

from earned.domain.accounting import AccountingPeriod
from earned.domain.audit import Break
from earned.domain.journal import EntryStatus, JournalRun
from earned.domain.posting import Code, PostingSum, Side
from earned.domain.seals import Written
from earned.domain.trial_balance import Line


def check_sides(written: Written) -> Iterator[Break]:
    """Debits and credits of an entry add up to the same, which is its total."""
    entry = written.entry
    sides = Counter({Side.DEBIT: 0, Side.CREDIT: 0})
    for item in written.items:
        sides[item.side] += item.amount_minor
    for side, found in sides.items():
        if found != entry.total_minor:
            check = "journal entry is in balance"
            texts = (f"{entry.total_minor} minor", f"{found} minor of {side.lower()}s")
            yield Break(check, "JournalEntry", entry.id, *texts)


def check_sources(written: Written, sums: Sequence[PostingSum]) -> Iterator[Break]:
    """An entry of a run is the sum of the transactions that are in it; a cancelled one has none."""
    entry = written.entry
    expected = _told(written) if entry.status is EntryStatus.CREATED else "nothing"
    found = "; ".join(_text(one) for one in sums) or "nothing"
    if found != expected:
        check = "journal entry is the sum of its transactions"
        yield Break(check, "JournalEntry", entry.id, expected, found)


def check_count(run: JournalRun, entries: int) -> Iterator[Break]:
    """A run has as many entries as it made."""
    if run.entry_count != entries:
        check = "journal run has the entries it made"
        yield Break(check, "JournalRun", run.id, str(run.entry_count), str(entries))


def check_number(number: str, place: int) -> Iterator[Break]:
    """Entries are numbered from one on, and none is missing."""
    found = int(number.rpartition("-")[2])
    if found != place:
        check = "journal entries are numbered without a gap"
        yield Break(check, "JournalEntry", number, f"number {place}", f"number {found}")


def check_last_number(last: int, entries: int) -> Iterator[Break]:
    """There are as many entries as numbers were given."""
    if last != entries:
        check = "journal entries are as many as their numbers"
        yield Break(check, "JournalEntry", f"number {last}", str(last), str(entries))


def check_frozen(
    period: AccountingPeriod, stored: Sequence[Line], computed: Sequence[Line]
) -> Iterator[Break]:
    """What a period closed with is what its transactions say, and both sides are equal."""
    check = "trial balance is what was posted"
    kept, now = ({line.account: line for line in lines} for lines in (stored, computed))
    for account in sorted(kept.keys() | now.keys(), key=lambda account: account.order):
        if kept.get(account) != now.get(account):
            texts = (_line(now.get(account)), _line(kept.get(account)))
            yield Break(check, "TrialBalance", f"{period.name} {account.code.name}", *texts)
    for currency in sorted({line.account.currency for line in stored}):
        mine = [line for line in stored if line.account.currency == currency]
        debited = sum(line.debit_minor for line in mine)
        credited = sum(line.credit_minor for line in mine)
        if debited != credited:
            check = "trial balance is in balance"
            texts = (f"{debited} minor debited", f"{credited} minor credited")
            yield Break(check, "TrialBalance", f"{period.name} {currency}", *texts)


def _told(written: Written) -> str:
    """Return what an entry of a run says, as its transactions add up."""
    sides = {item.side: Code(item.code_name, item.code_type) for item in written.items}
    entry = written.entry
    codes = (sides.get(Side.DEBIT), sides.get(Side.CREDIT))
    return _words(entry.currency, codes, entry.total_minor, entry.source_count)


def _text(one: PostingSum) -> str:
    return _words(one.currency, (one.debit, one.credit), one.amount_minor, one.count)


def _words(currency: str, codes: Sequence[Code | None], amount_minor: int, count: int) -> str:
    debit, credit = (code and (code.name or code.type) for code in codes)
    return f"{amount_minor} minor {currency} of {count}, from {debit} to {credit}"


def _line(line: Line | None) -> str:
    if line is None:
        return "no line"
    return f"{line.opening_minor} +{line.debit_minor} -{line.credit_minor} minor"
