"""Logs: one line an event on standard error, for people or for machines."""

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, Processor

from earned.bootstrap.settings import ServerSettings

_ROW = re.compile(r"^DETAIL:.*$", re.MULTILINE)


def _without_rows(logger: object, name: str, event: EventDict) -> EventDict:
    """Leave out of tracebacks what PostgreSQL says of the row: it is what a client sent."""
    del logger, name
    if "exception" in event:
        event["exception"] = _ROW.sub("DETAIL: left out", event["exception"])
    return event


# What our own events and those of libraries (uvicorn, alembic) are given alike.
_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _without_rows,
)


def configure_logs(settings: ServerSettings) -> None:
    """Log as the settings say: from `log_level` up, as JSON or for a terminal."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _rendering(settings.log_format),
            ],
            foreign_pre_chain=_SHARED,
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # It tells of every look at the schema, and the readiness check looks all the time.
    logging.getLogger("alembic").setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _rendering(log_format: str) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
