"""Create every table of the first release."""

from alembic import op

from earned.storage.migrations.statements import statements

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in statements("0001_first_books", op.get_bind().dialect.name):
        op.execute(statement)
