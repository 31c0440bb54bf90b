"""What an operation of the API is: one row of the table that the server is built from.

The table in `earned.http.table` is the only list of routes: routing, validation, the limits that
apply, and the OpenAPI description all come from its rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from earned.domain.tenancy import Scope
from earned.http.dialect import NO_PAYLOAD, Dialect
from earned.http.upload import Upload
from earned.http.version import Version
from earned.services.ports import Books
from earned.services.work import UseCase

Body = Mapping[str, object] | Sequence[Mapping[str, object]]
"""What is answered: an object, or a list of them."""


class Traffic(StrEnum):
    """The concurrency limit an operation counts against (R 8.8)."""

    DEFAULT = "Default"
    HIGH_VOLUME = "High-volume transactions"
    OBJECT_QUERY = "Object Query"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A documented query parameter."""

    name: str
    description: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})
    required: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request, as the operation sees it.

    `payload` is the JSON object as sent (integers as `int`, other numbers as exact `Decimal`),
    `body` the same validated against the operation's model, None where it has none. `url_path` is
    the path as addressed, for links to further pages. `upload` is the file that came, where the
    operation takes one.
    """

    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    payload: Mapping[str, Any]
    body: Any
    scope: Scope
    version: Version
    wsdl_version: int
    base_url: str
    url_path: str = ""
    upload: Upload | None = None

    def first(self, name: str, default: str = "") -> str:
        """Return the first query parameter of that name."""
        return next((value for known, value in self.query if known == name), default)

    def all(self, name: str) -> Sequence[str]:
        """Return every query parameter of that name."""
        return [value for known, value in self.query if known == name]


@dataclass(frozen=True, slots=True)
class Write:
    """An operation that changes the books: a command, the use case for it, and its answer.

    `present` gets the call and what the use case returned, and returns the body to answer. Where
    making the command takes a long look at the books, `prepare` makes it, in a reader, so that
    other writes need not wait. Where that look is all there is to do, `is_done` says so of the
    command, which is then answered as it is. Which use case it is may depend on the command.
    """

    use_case: UseCase[Any, Any] | Callable[[Any], UseCase[Any, Any]]
    command: Callable[[Call], Any] | None
    present: Callable[[Call, Any], Body]
    prepare: Callable[[Books, Call], Any] | None = None
    is_done: Callable[[Any], bool] | None = None

    def use_case_for(self, command: object) -> UseCase[Any, Any]:
        """Return the use case that carries a command out."""
        use_case = self.use_case
        return use_case if isinstance(use_case, UseCase) else use_case(command)


@dataclass(frozen=True, slots=True)
class Download:
    """A file to answer instead of JSON."""

    content: str
    media_type: str
    file_name: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file to answer that lies in the books in parts; `size` is that of what is downloaded."""

    file_id: str
    media_type: str
    file_name: str
    size: int
    is_packed: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """An operation that only looks: returns the body to answer, or a file."""

    query: Callable[[Books, Call], Mapping[str, object] | Download | StoredFile]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """A row of the table.

    `resource` is the six-digit resource of error codes; operations without a payload have 500000.
    With `strict` the model refuses what does not fit; a use case that must check in an order of its
    own sets it to False and reads `Call.payload`, and the model only documents. `file_type` is the
    media type of the file that it may answer. With `takes_file` the payload is a form with a file.
    What one that `leaves_work` stores, the server carries out afterwards. `hot` operations are
    served without the framework.
    """

    method: str
    path: str
    id: str
    tag: str
    summary: str
    work: Write | Read
    dialect: Dialect = Dialect.V1
    resource: int = NO_PAYLOAD
    body: type[BaseModel] | None = None
    body_required: bool = True
    strict: bool = True
    answer: type[BaseModel] | None = None
    file_type: str | None = None
    parameters: tuple[Parameter, ...] = ()
    traffic: Traffic = Traffic.DEFAULT
    hot: bool = False
    takes_file: bool = False
    leaves_work: bool = False

    @property
    def has_body(self) -> bool:
        """Whether it takes a payload."""
        return self.takes_file or self.body is not None

    @property
    def is_logged(self) -> bool:
        """Whether each request leaves a line in the log: changes, except the ones in floods."""
        return isinstance(self.work, Write) and not self.hot
