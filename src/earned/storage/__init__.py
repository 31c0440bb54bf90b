"""What is kept: SQLAlchemy Core on SQLite and PostgreSQL."""
