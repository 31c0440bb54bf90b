"""Usage of a month: in time, late, negative, changed and deleted; in the books and reckoned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from earned.services.ports import Books
from earned.services.record_usage import RecordUsage
from tests.property.model import Part
from tests.year.meter import Meter
from tests.year.months import first_day, last_day, month_of
from tests.year.office import Office


@dataclass
class Record:
    """A usage record, under which key and id it is known, and what it took in the reckoning."""

    meter: Meter
    key: str
    unit: str
    day: date
    quantity: int
    part: Part
    id: str = ""


class UsageDesk:
    """Records that were made and are still there."""

    def __init__(self, office: Office, random: Random) -> None:
        self.office = office
        self.random = random
        self.meters: list[Meter] = []
        self.records: list[Record] = []
        self.keys = 0

    def use(self, books: Books, month: int) -> None:
        """Use something of every contract, sometimes of days long past, in one group."""
        made = []
        for meter in self.meters:
            for _ in range(2 + (self.random.random() < 0.3)):
                when = month - self.random.randrange(1, 4) if self.random.random() < 0.2 else month
                day = self._day(meter, when)
                if day:
                    made.append(self._use(meter, day))
        self._send(books, made)

    def reverse(self, books: Books, month: int, count: int) -> None:
        """Take usage of the last months back, all of it or some, by negative records."""
        made = []
        for record in self._some([r for r in self._recent(month) if r.quantity > 0], count):
            share = self.random.choice((1, 1, 2, 3))
            quantity = -max(record.quantity // share, 1)
            made.append(self._record(record.meter, record.unit, record.day, quantity))
        self._send(books, made)

    def change(self, books: Books, month: int, count: int) -> None:
        """Send records again by their keys with another quantity, some with another day."""
        changed = self._some(self._recent(month), count)
        for record in changed:
            quantity = max(record.quantity + self.random.randrange(-30, 90), 1)
            day = record.day
            if self.random.random() < 0.4:
                day = self._day(record.meter, month_of(day)) or day
            if (record.day, record.quantity) != (day, quantity):
                record.meter.undo(record.part)
                record.day, record.quantity = day, quantity
                record.part = record.meter.use(record.unit, day, quantity)
        found = self.office.use(books, [_command(record) for record in changed])
        assert found == [record.id for record in changed]

    def delete(self, books: Books, month: int, count: int) -> None:
        for record in self._some(self._recent(month), count):
            record.meter.undo(record.part)
            self.office.delete(books, record.id)
            self.records.remove(record)

    def _day(self, meter: Meter, month: int) -> date | None:
        """Return a day of the month on which a contract holds, None if there is none."""
        first = max(first_day(month), meter.contract.start)
        last = min(last_day(month), meter.contract.end - timedelta(1))
        if meter.is_over or first > last:
            return None
        return first + timedelta(self.random.randrange((last - first).days + 1))

    def _use(self, meter: Meter, day: date) -> Record:
        usage = self.random.choice(meter.contract.usages)
        quantity = self.random.randrange(1, meter.contract.monthly)
        return self._record(meter, usage.unit, day, max(quantity * 7 // 10, 1))

    def _record(self, meter: Meter, unit: str, day: date, quantity: int) -> Record:
        self.keys += 1
        part = meter.use(unit, day, quantity)
        return Record(meter, f"key-{self.keys}", unit, day, quantity, part)

    def _send(self, books: Books, made: Sequence[Record]) -> None:
        ids = self.office.use(books, [_command(record) for record in made])
        for record, identity in zip(made, ids, strict=True):
            record.id = identity
            self.records.append(record)

    def _recent(self, month: int) -> list[Record]:
        return [
            one for one in self.records if month_of(one.day) >= month - 3 and not one.meter.is_over
        ]

    def _some(self, records: Sequence[Record], count: int) -> list[Record]:
        return self.random.sample(records, min(count, len(records)))


def _command(record: Record) -> RecordUsage:
    fields = {
        "AccountNumber": record.meter.contract.customer.number,
        "UOM": record.unit,
        "Quantity": str(record.quantity),
        "StartDateTime": record.day.isoformat(),
        "UniqueKey": record.key,
    }
    return RecordUsage(fields=fields)
