"""Bill runs that go on after their answer: a few accounts at a time, between other writes."""

from collections.abc import Sequence
from contextlib import suppress

import structlog

from earned.bootstrap.application import Application
from earned.domain.errors import Contended
from earned.domain.tenancy import Scope
from earned.http.errands import Errands
from earned.services.carry_on_bill_run import CARRY_ON, FAIL, CarryOn
from earned.storage.bill_runs import waiting_bill_runs
from earned.storage.writer import Writer

_log = structlog.get_logger("earned.http")


class Biller:
    """Carries bill runs on in the order they were begun."""

    name = "bill runs"
    period_seconds = 60

    def __init__(self, application: Application, writer: Writer) -> None:
        """Have `writer` do it."""
        self._application = application
        self._errands = Errands(writer)

    def find(self) -> Sequence[tuple[Scope, CarryOn]]:
        """Return the bill runs that are not over, and whose they are."""
        return waiting_bill_runs(self._application.database.engine)

    async def carry_out(self, work: tuple[Scope, CarryOn]) -> None:
        """Have a run carried on to its end. One that a defect stops is in error.

        One that others keep from the books goes on with the next look.
        """
        scope, found = work
        try:
            while (run := await self._errands.run(scope, CARRY_ON, found)) is not None:
                if run.status.is_over:
                    _log.info("bill run done", bill_run=run.number, status=run.status)
                    return
        except Contended:
            _log.warning("bill run waits", bill_run=found.run_id)
        except Exception:  # noqa: BLE001 - Whatever it is, other runs wait.
            _log.exception("bill run not carried on", bill_run=found.run_id)
            with suppress(Exception):
                await self._errands.run(scope, FAIL, found)
