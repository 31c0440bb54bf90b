"""Open the books for a command: settings, a database that is there and migrated, an entity."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from earned.bootstrap.application import Application, open_application
from earned.bootstrap.settings import ServerSettings, server_settings
from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.domain.tenancy import Entity, Scope
from earned.storage.engine import open_engine
from earned.storage.migrate import current_revision, head_revision

USER = "command line"


@contextmanager
def opened() -> Iterator[Application]:
    """Lend the application on the database of this environment, which has to be migrated."""
    settings = server_settings()
    require_current(settings)
    application = open_application(settings)
    try:
        yield application
    finally:
        application.close()


def revision_of(settings: ServerSettings) -> str | None:
    """Return the database's revision, or None if it is empty or not there yet."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return None  # Connecting would make an empty file.
    engine = open_engine(settings.database_url)
    try:
        return current_revision(engine)
    finally:
        engine.dispose()


def require_current(settings: ServerSettings) -> None:
    """Refuse a database that is not at the revision this program knows."""
    found, wanted = revision_of(settings), head_revision()
    if found == wanted:
        return
    where = shown_url(settings)
    if found is None:
        raise CommandFailed(Exit.SET_UP, f"There are no books in {where} yet.", "Run: earned init")
    message = f"The books in {where} are at revision {found}, this program needs {wanted}."
    if found > wanted:
        raise CommandFailed(Exit.SET_UP, message, "They are newer: use the Earned they belong to.")
    raise CommandFailed(Exit.SET_UP, message, "Run: earned migrate")


def shown_url(settings: ServerSettings) -> str:
    """Return the database's URL as it may be shown: without its password."""
    return make_url(settings.database_url).render_as_string(hide_password=True)


def chosen_entity(application: Application, entity_id: str | None) -> Entity:
    """Return the entity that is named, or the only one."""
    entities = application.clients.list(Entity)
    if entity_id is None:
        if len(entities) == 1:
            return entities[0]
        if not entities:
            raise CommandFailed(Exit.NOT_FOUND, "There is no entity yet.", "Run: earned init")
        listed = ", ".join(f"{entity.id} ({entity.name})" for entity in entities)
        message = f"There are several entities; name one with --entity: {listed}."
        raise CommandFailed(Exit.REFUSED, message)
    found = next((entity for entity in entities if entity.id == entity_id), None)
    if found is None:
        raise CommandFailed(Exit.NOT_FOUND, f"There is no entity '{entity_id}'.")
    return found


def scope_of(entity: Entity) -> Scope:
    """Return the scope in which a command works on an entity: all of its books."""
    return Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id=USER)
