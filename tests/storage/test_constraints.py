"""Rows that cannot be: the database itself refuses them, whoever writes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.api import Keeper, keeping
from tests.builders import account, prepaid_plan, sell, writing

WRONG = (
    "UPDATE fund SET balance = '-1'",
    "UPDATE fund SET funded_balance = 'ten'",
    "UPDATE fund SET funding_price_minor = -1",
    "UPDATE fund SET end_date = start_date",
    "UPDATE fund SET rollover_apply = 'ApplySometimes'",
    "UPDATE fund SET transaction_count = NULL",
    "UPDATE fund SET prepaid_balance_id = 'nobody'",
    "UPDATE prepaid_balance SET balance = '-0.5'",
    "UPDATE prepaid_balance SET state = 'SLEEPING'",
    "UPDATE balance_transaction SET transaction_type = 'GIFT'",
    "UPDATE balance_transaction SET sequence = 0",
    "UPDATE balance_transaction SET balance = '-1'",
    "UPDATE account SET currency = NULL",
    "UPDATE account SET entity_id = 'nobody'",
    "UPDATE account SET status = 'Asleep'",
    "UPDATE unit_of_measure SET decimal_places = 10",
    "UPDATE unit_of_measure SET rounding_mode = 'Half Up'",
    "UPDATE rate_plan_charge SET charge_type = 'Gift'",
    "UPDATE rate_plan_charge SET effective_end_date = '2000-01-01'",
    "UPDATE subscription SET term_end_date = term_start_date",
    "UPDATE accounting_period SET status = 'Closed' WHERE name = 'Open-Ended'",
    "UPDATE accounting_period SET name = 'Jan' WHERE name = 'Open-Ended'",
    "UPDATE revenue_item SET amount_minor = NULL",
    "DELETE FROM account",
    "DELETE FROM fund",
    "INSERT INTO account SELECT * FROM account",
    "INSERT INTO revenue_item SELECT * FROM revenue_item",
)


@pytest.mark.parametrize("statement", WRONG)
def test_a_wrong_row_is_refused(migrated_database_url: str, statement: str) -> None:
    with keeping(migrated_database_url) as keeper:
        _sold(keeper)
        engine = keeper.application.database.engine

        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fund SET funding_price_minor = 10.5",
        "UPDATE revenue_item SET amount_minor = 'much'",
        "UPDATE account SET auto_pay = 2",
    ],
)
def test_sqlite_keeps_types_strict(migrated_sqlite_url: str, statement: str) -> None:
    with keeping(migrated_sqlite_url) as keeper:
        _sold(keeper)
        engine = keeper.application.database.engine

        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text(statement))


def _sold(keeper: Keeper) -> None:
    with writing(keeper) as books:
        sell(books, account(books), prepaid_plan(books), months=1)
