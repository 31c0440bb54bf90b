"""Make the database itself, where a server has to be told to."""

from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from earned.storage.engine import open_engine

# Every PostgreSQL server has this database to connect to before there is any other.
_MAINTENANCE = "postgres"


def create_if_missing(url: str) -> bool:
    """Create the database that `url` names if its server does not have it; say whether it did.

    SQLite makes its file by itself. Raises what connecting raises when there is another reason.
    """
    engine = open_engine(url)
    try:
        engine.connect().close()
    except DBAPIError:
        if engine.dialect.name != "postgresql" or not _create(url):
            raise
        return True
    finally:
        engine.dispose()
    return False


def _create(url: str) -> bool:
    """Create a PostgreSQL database unless it is there or the server cannot be asked."""
    server = make_url(url).set(database=_MAINTENANCE).render_as_string(hide_password=False)
    engine = open_engine(server).execution_options(isolation_level="AUTOCOMMIT")
    try:
        return _create_on(engine, make_url(url).database or "")
    except DBAPIError:
        return False
    finally:
        engine.dispose()


def _create_on(engine: Engine, name: str) -> bool:
    with engine.connect() as connection:
        if _exists(connection, name):
            return False
        quoted = engine.dialect.identifier_preparer.quote_identifier(name)
        connection.execute(text(f"CREATE DATABASE {quoted} ENCODING 'UTF8' TEMPLATE template0"))
    return True


def _exists(connection: Connection, name: str) -> bool:
    known = text("SELECT 1 FROM pg_database WHERE datname = :name")
    return connection.execute(known, {"name": name}).one_or_none() is not None
