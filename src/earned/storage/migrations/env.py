"""Alembic's entry point: run the migrations on the connection `earned.storage.migrate` lends."""

from alembic import context

from earned.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
