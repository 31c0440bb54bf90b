"""Books with everything in them that usage may meet, and all of their rows by names that last."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, select

from earned.domain.account import Account
from earned.domain.charge import Tier
from earned.domain.exact import canonical
from earned.services.bill_account import BillAccount, bill_account
from earned.services.expire_funds import expire_through
from earned.services.ports import Books
from earned.services.record_usage import RecordUsage, record_usage
from earned.services.roll_by_hand import RollByHand, roll_by_hand
from earned.storage.tables import metadata
from tests import builders
from tests.api import serving
from tests.http.test_currency_funds import money_plan
from tests.http.test_pools import metered, pool_plan
from tests.periods import close, define_months

ZONE = "America/New_York"

# What there is to name: account, unit, subscription and charge.
NAMED = (
    *(("One", "Token", "", ""), ("One", "Token", "A-S00000001", ""), ("One", "Call", "", "")),
    *(("One", "Token", "", "C-00000002"), ("One", "Call", "", "C-00000003")),
    *(("Rolled", "Token", "", ""), ("Rolled", "Call", "", "")),
    *(("Spent", "Token", "", ""), ("Spent", "Call", "A-S00000003", "")),
    *(("Rated", "Hour", "", ""), ("Rated", "Hour", "", ""), ("Rated", "Hour", "A-S00000004", "")),
    *(("Pool", "Token", "", ""), ("Money", "Call", "", ""), ("Huge", "Call", "", "")),
)
KEYS = ("old-1", "old-2", "old-billed", "old-back")

_PRICES = (("0.5", "10", False), ("0.333", None, False))
_MODELS: Mapping[str, Mapping[str, Any]] = {
    "PerUnit": {"tiers": builders.prices("0.07")},
    "Volume": {},
    "Tiered": {},
    "Overage": {"tiers": builders.prices("2"), "included_units": Decimal(5)},
    "TieredWithOverage": {},
}


def stock(url: str) -> None:
    """Sell all of it; use, roll, expire, bill and close some of it."""
    with serving(url) as api:
        api.settings(time_zone=ZONE)
        with builders.writing(api) as books:
            _sell(books)
        with builders.writing(api) as books:
            _use(books)
        with builders.writing(api) as books:
            expire_through(books, date(2026, 2, 1))
            _bill(books, "Rated", date(2026, 1, 20))
            close(books, "Jan'2026")


def _sell(books: Books) -> None:
    define_months(books, 2026, 1, 2, 3)
    builders.unit(books, "Call", decimal_places=0, rounding_mode="Down")
    builders.unit(books, "Hour", decimal_places=3)
    plan = builders.prepaid_plan(books, units="25", price="99.99", overage="0.333")
    builders.drawdown_charge(books, plan, uom="Call", rate="2.5", drawn="Token", name="Calls")
    more = builders.rate_plan(books, "More")
    top_up: dict[str, Any] = {"charge_type": "OneTime", "drawdown_priority": 10}
    builders.prepayment_charge(books, more, units="7.5", price="3.75", **top_up)
    one = builders.account(books, number="One")
    builders.add(books, builders.sell(books, one, plan, months=2).subscription, more, day(20))
    builders.sell(books, builders.account(books, number="Rolled"), _tokens(books), months=2)
    builders.sell(books, builders.account(books, number="Spent"), _tokens(books), months=3)
    builders.sell(books, builders.account(books, number="Rated"), _metered(books), months=3)
    pool = builders.account(books, number="Pool")
    builders.sell(books, pool, pool_plan(books, 25), metered(books, "0.07"))
    builders.sell(books, pool, metered(books, "0.333"))
    money = money_plan(books, "20", "19.99")
    builders.sell(books, builders.account(books, number="Money"), money, months=2)
    huge = builders.rate_plan(books, "Huge")
    builders.prepayment_charge(books, huge, units="1000", price="10")
    builders.drawdown_charge(books, huge, uom="Call", rate="1000000000", drawn="Token")
    builders.sell(books, builders.account(books, number="Huge"), huge, months=2)


def _tokens(books: Books) -> Any:
    plan = builders.prepaid_plan(books, units="10", price="33.33", overage="0.25")
    builders.drawdown_charge(books, plan, uom="Call", rate="0.333", drawn="Token", name="Calls")
    return plan


def _metered(books: Books) -> Any:
    """Make a plan with a usage charge of each model, none of them prepaid."""
    plan = builders.rate_plan(books, "Metered")
    free: dict[str, Any] = {"is_prepaid": False, "prepaid_operation_type": None}
    free |= {"drawdown_uom": None, "drawdown_rate": None, "billing_period": "Month"}
    for name, terms in _MODELS.items():
        bands = {"tiers": _bands(over=name == "TieredWithOverage"), **terms}
        builders.drawdown_charge(books, plan, uom="Hour", charge_model=name, **free, **bands)
    return plan


def _bands(*, over: bool) -> tuple[Tier, ...]:
    return tuple(
        Tier(
            currency="USD",
            tier=number,
            ending_unit=None if end is None else Decimal(end),
            price=Decimal(price),
            is_overage=over and end is None,
        )
        for number, (price, end, _) in enumerate(_PRICES, 1)
    )


def _use(books: Books) -> None:
    """Use some of it, under keys that are sent again; then roll what is left of a month."""
    used = (
        ("One", "Token", "3", 5, "old-1"),
        ("One", "Call", "2", 40, "old-2"),
        ("Rolled", "Token", "4", 5, None),
        ("Spent", "Token", "9", 6, None),
        ("Rated", "Hour", "2", 7, "old-billed"),
        ("One", "Token", "-1", 5, "old-back"),
    )
    record_usage(
        books,
        [
            RecordUsage(
                fields={
                    "AccountNumber": account,
                    "UOM": uom,
                    "Quantity": quantity,
                    "StartDateTime": f"{day(number)}T12:00:00",
                    "UniqueKey": key,
                },
                custom_fields={"Row__c": f"known {place}"},
            )
            for place, (account, uom, quantity, number, key) in enumerate(used)
        ],
    )
    source = {"startDate": str(day(1)), "endDate": str(day(32))}
    into = {"startDate": str(day(32)), "endDate": str(day(60))}
    facts = {"subscription_number": "A-S00000002", "uom": "Token", "priority": "ApplyFirst"}
    roll_by_hand(books, RollByHand(**facts, source=source, destination=into))


def _bill(books: Books, number: str, target: date) -> None:
    account: Account | None = books.accounts.find(number=number)
    assert account
    bill_account(books, BillAccount(account=account, target=target, document_date=target))


def day(number: int) -> date:
    """Return a day by its number, New Year's Day being the first."""
    return date.fromordinal(date(2025, 12, 31).toordinal() + number)


# What tells nothing of the books: who may ask, what was asked, and in which transaction.
LEFT_OUT = frozenset(
    {
        *("access_token", "oauth_client", "idempotency_key", "query_locator", "entity"),
        *("usage_import", "usage_import_part", "audit_entry", "number_sequence"),
    }
)
_STAMPS = {"created_by", "created_at", "updated_by", "updated_at", "version"}
_SENT_BY = {"source_type", "file_name", "import_id"}
_OF_USAGE = {"usage_record", "guided_usage", "balance_transaction"}

Row = Mapping[str, Any]


def told(engine: Engine) -> dict[str, list[str]]:
    """Return all rows of all tables, but for how and when they came in."""
    with engine.connect() as connection:
        rows = {
            table.name: list(_rows(connection, table))
            for table in metadata.sorted_tables
            if table.name not in LEFT_OUT
        }
    names = dict(_names(rows))
    return {
        table: sorted(
            repr({name: _named(names, value) for name, value in row.items()}) for row in found
        )
        for table, found in rows.items()
    }


def _rows(connection: Connection, table: Any) -> Iterator[Row]:
    for row in connection.execute(select(table)).mappings():
        yield {
            name: canonical(value) if isinstance(value, Decimal) else value
            for name, value in row.items()
            if name not in _STAMPS | (_SENT_BY if table.name == "usage_record" else set())
        }


def _named(names: Mapping[str, str], value: object) -> object:
    return names.get(value, value) if isinstance(value, str) else value


def _names(rows: Mapping[str, Sequence[Row]]) -> Iterator[tuple[str, str]]:
    """Yield names for ids: of records by their row, of the rest by what comes before it.

    Rows of one charge are counted in the order of their ids, and so are those of a fund.
    """
    records = {
        row["id"]: f"record {row['custom_fields'].get('Row__c')}" for row in rows["usage_record"]
    }
    yield from records.items()
    counted: Counter[str] = Counter()
    for row in sorted(rows["guided_usage"], key=lambda row: row["id"]):
        counted[row["charge_id"]] += 1
        place = counted[row["charge_id"]]
        yield row["id"], f"{records[row['usage_id']]} is number {place} of {row['charge_id']}"
    ledger: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows["balance_transaction"], key=lambda row: row["id"]):
        ledger[row["fund_id"]].append(row)
    for fund_id, movements in ledger.items():
        for place, row in enumerate(movements, 1):
            yield row["id"], f"movement {place} of {fund_id}"
