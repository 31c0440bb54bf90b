"""Schema migrations: Alembic keeps the order, plain SQL says what happens (ADR 0002)."""
