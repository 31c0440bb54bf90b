"""Transactions: the one way to read and write books.

A reader sees one consistent state. A writer is one transaction that may serve several requests; on
SQLite there is one at a time, on PostgreSQL several, which lock what they change in sorted order.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from earned.domain.errors import NotFound
from earned.domain.tenancy import Scope
from earned.services.leave_trace import write_traces
from earned.storage.books import Kept, Memory, SqlBooks, Workbench
from earned.storage.locking import lock_revision
from earned.storage.pipeline import Connected
from earned.storage.standing import StandingConnection

Clock = Callable[[], datetime]
NewId = Callable[[], str]

_TICK = timedelta(microseconds=1)


@dataclass
class Transaction(Connected):
    """A write transaction and the books open in it; nobody else writes in those `alone` has.

    `clock` tells when it is, later each time. What is written is stamped with when the books were
    locked, not with when the transaction began: who waited for others comes after them.
    """

    _connection: Connection
    clock: Clock
    new_id: NewId
    structural: bool
    alone: bool
    memories: dict[str, tuple[int, Memory]]
    workbench: Workbench
    _open: dict[Scope, SqlBooks] = field(default_factory=dict)
    _stamps: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Settle what the workbench sends, whenever an answer is needed."""
        self._pipeline = self.workbench.pipeline

    def books(self, scope: Scope) -> SqlBooks:
        """Open the books of `scope`, once a transaction."""
        found = self._open.get(scope)
        if found is None:
            memory = self._lock(scope.entity_id)
            now = self._stamps.get(scope.entity_id) or self.clock()
            self._stamps[scope.entity_id] = now
            found = SqlBooks(self.connection, scope, now, self.new_id, memory, self.workbench)
            self._open[scope] = found
        return found

    @property
    def now(self) -> datetime:
        """The stamp of the books that were opened first."""
        return next(iter(self._stamps.values()))

    def limit_waiting(self, milliseconds: int) -> None:
        """Wait so long at most for each lock of others, 0 without end: the first thing to say."""
        if self.connection.dialect.name == "postgresql":
            self.connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")

    def write_traces(self) -> None:
        """Write what was done to the audit logs, the last thing before the commit.

        Each log has one end: whoever writes to it is waited for by all others.
        """
        traces = self.workbench.traces
        if not traces:
            return
        opened = {scope.entity_id: books for scope, books in self._open.items()}
        for entity_id in sorted({trace.entity_id for trace in traces}):
            mine = [trace for trace in traces if trace.entity_id == entity_id]
            write_traces(opened[entity_id], mine)
        traces.clear()

    def _lock(self, entity_id: str) -> Memory | None:
        """Keep the entity's structure as it is, or to ourselves; return what is remembered of it.

        A structural transaction remembers nothing: what it finds may be its own uncommitted work.
        """
        revision = lock_revision(self.connection, entity_id, alone=self.alone)
        if revision is None:
            raise NotFound.by_key(entity_id)
        if self.structural:
            return None
        known, memory = self.memories.get(entity_id, (-1, {}))
        if known != revision:
            memory = {}
            self.memories[entity_id] = (revision, memory)
        return memory


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A write transaction that may end in another thread than it began in."""

    transaction: Transaction
    standing: StandingConnection

    def commit(self) -> None:
        """Make it durable. Where that fails, the connection is not used again."""
        try:
            self.transaction.write_traces()
            self.transaction.connection.commit()
        except BaseException:
            self.standing.drop()
            raise
        self.transaction.workbench.commit()

    def roll_back(self) -> None:
        """Undo what was done."""
        try:
            self.transaction.connection.rollback()
        except DBAPIError:
            self.standing.drop()


class Database:
    """The books of all entities, behind transactions."""

    def __init__(self, engine: Engine, clock: Clock, new_id: NewId) -> None:
        """Serve the books in `engine`; `clock` and `new_id` are given from outside."""
        self.engine = engine
        self.new_id = new_id
        self.is_embedded = engine.dialect.name == "sqlite"
        self._writers = engine.execution_options(sqlite_begin="IMMEDIATE")
        self._standing = StandingConnection(self._writers)
        self._snapshots = engine
        if not self.is_embedded:
            self._snapshots = engine.execution_options(isolation_level="REPEATABLE READ")
        self._clock = clock
        self._memories: dict[str, tuple[int, Memory]] = {}
        self._kept: Kept = OrderedDict()
        self._last = datetime.min.replace(tzinfo=clock().tzinfo)
        self._clock_lock = Lock()

    def now(self) -> datetime:
        """Return the instant; each call later than the one before, so that stamps order writes."""
        with self._clock_lock:
            self._last = max(self._clock(), self._last + _TICK)
            return self._last

    def latest(self) -> datetime:
        """Return the instant for what no row is stamped with: the next stamp does not depend on it.

        Not before the last stamp, so that what was written is not in the future.
        """
        with self._clock_lock:
            return max(self._clock(), self._last)

    @contextmanager
    def reading(self, scope: Scope, *, remembering: bool = False) -> Iterator[SqlBooks]:
        """Lend the books for reading, as they were at one moment.

        Who reads much remembers what structure there was at that moment.
        """
        memory: Memory | None = {} if remembering else None
        with self._snapshots.connect() as connection, connection.begin():
            yield SqlBooks(connection, scope, self._clock(), self.new_id, memory)

    @contextmanager
    def writing(self, *, structural: bool = True, alone: bool = False) -> Iterator[Transaction]:
        """Lend a transaction; it is committed when the block ends and rolled back if it raises.

        Only one thread of a process writes at a time with `structural=False`: the memories are its.
        A structural one has the books to itself, and so has one that is `alone`.
        """
        workbench = Workbench(self._kept)
        with self._writers.connect() as connection, connection.begin():
            how = {"structural": structural, "alone": structural or alone}
            transaction = self._transaction(connection, workbench, **how)
            try:
                yield transaction
                transaction.write_traces()
                workbench.pipeline.commit()
            except BaseException:
                workbench.pipeline.abandon()
                raise
        workbench.commit()

    def begin_at_once(self) -> OpenTransaction | None:
        """Begin a transaction in which nothing may take long; None where it would have to wait.

        Only an embedded database can: another one is waited for at every statement.
        """
        connection = self._standing.begin() if self.is_embedded else None
        if connection is None:
            return None
        workbench = Workbench(self._kept, in_a_hurry=True)
        transaction = self._transaction(connection, workbench)
        return OpenTransaction(transaction, self._standing)

    def close(self) -> None:
        """Let go of the database."""
        self._standing.drop()
        self.engine.dispose()

    def _transaction(
        self,
        connection: Connection,
        workbench: Workbench,
        *,
        structural: bool = False,
        alone: bool = False,
    ) -> Transaction:
        clock, memories = self.now, self._memories
        return Transaction(connection, clock, self.new_id, structural, alone, memories, workbench)
