"""The dialects of the API, and the answer to a refusal in each (R 8.1 to 8.3).

*v1* resources speak camelCase, answer `{"success": false, "reasons": [...]}` and choose the status
by `Zuora-Version`. *Object* (CRUD) resources speak PascalCase, answer `Errors[{Code, Message}]` and
always 4xx. *Actions* do the work of the latter on many objects, and refuse a whole call with a
fault. Object queries are v1 without `success` from version 2025-08-12 on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from earned.domain.errors import EarnedError, Kind, Problem
from earned.http.exchange import Exchange
from earned.http.refusal import WireError
from earned.http.version import ERRORS_BY_STATUS, QUERY_ERRORS_BARE, Version
from earned.services.work import Reply

JSON = ("content-type", "application/json; charset=utf-8")
encode_json = msgspec.json.Encoder(decimal_format="number").encode

NO_PAYLOAD = 500000
AUTHENTICATION_CODE = 90000011
UNRECOGNISED = "Error - unrecognised fields"


class Dialect(Enum):
    """Which of the API's languages an operation speaks."""

    V1 = "v1"
    OBJECT = "object"
    QUERY = "query"
    ACTION = "action"

    @property
    def is_crud(self) -> bool:
        """Whether it is about objects under their PascalCase names, whatever `Zuora-Version` is."""
        return self in {Dialect.OBJECT, Dialect.ACTION}


@dataclass(frozen=True, slots=True)
class KindRow:
    """How one kind of fault is answered."""

    status: int
    legacy_status: int
    object_status: int
    object_code: str
    meaning: str


# The one table from kind to status and object code. `legacy_status` is for versions before
# 2024-05-20, where a business error is HTTP 200 with `success: false`.
KINDS = {
    Kind.PERMISSION: KindRow(403, 200, 403, "NO_PERMISSION", "permission denied, or feature off"),
    Kind.AUTHENTICATION: KindRow(401, 401, 401, "INVALID_SESSION", "authentication failed"),
    Kind.INVALID: KindRow(400, 200, 400, "INVALID_VALUE", "invalid format or value"),
    Kind.UNKNOWN_FIELD: KindRow(400, 200, 400, "INVALID_FIELD", "unknown field"),
    Kind.MISSING: KindRow(400, 200, 400, "MISSING_REQUIRED_VALUE", "missing required field"),
    Kind.MISSING_PARAMETER: KindRow(
        400, 200, 400, "MISSING_REQUIRED_VALUE", "missing required parameter"
    ),
    Kind.INVALID_QUERY: KindRow(400, 400, 400, "MALFORMED_QUERY", "invalid query parameter"),
    Kind.RULE: KindRow(400, 200, 400, "INVALID_VALUE", "a business rule forbids it"),
    Kind.NOT_FOUND: KindRow(404, 200, 404, "INVALID_ID", "not found"),
    Kind.UNSUPPORTED: KindRow(405, 405, 405, "INVALID_TYPE", "unsupported request"),
    Kind.CONTENTION: KindRow(409, 200, 409, "LOCK_COMPETITION", "locking contention"),
    Kind.INTERNAL: KindRow(500, 500, 500, "UNKNOWN_ERROR", "internal error"),
    Kind.TEMPORARY: KindRow(500, 500, 500, "TEMPORARY_ERROR", "temporary error"),
    Kind.LIMIT: KindRow(429, 429, 429, "REQUEST_EXCEEDED_LIMIT", "request exceeded a limit"),
    Kind.MALFORMED: KindRow(400, 400, 400, "INVALID_VALUE", "malformed request"),
}


def render_refusal(
    error: EarnedError, exchange: Exchange, dialect: Dialect, resource: int, version: Version
) -> Reply:
    """Answer a refusal in the operation's dialect."""
    if dialect is Dialect.OBJECT:
        return _object_refusal(error)
    if dialect is Dialect.ACTION:
        return _fault(error)
    reasons = [
        {"code": _code(error, problem, resource), "message": problem.message}
        for problem in error.problems
    ]
    body: dict[str, object] = {
        "success": False,
        "processId": exchange.process_id,
        "reasons": reasons,
        "requestId": exchange.request_id,
    }
    if dialect is Dialect.QUERY and version >= QUERY_ERRORS_BARE:
        body = {"reasons": reasons, "requestId": exchange.request_id}
    return Reply(_v1_status(error, version), (JSON,), encode_json(body))


def _object_refusal(error: EarnedError) -> Reply:
    status = _object_status(error)
    if error.kind is Kind.AUTHENTICATION:
        return Reply(status, (JSON,), encode_json({"message": error.problems[0].message}))
    if error.kind is Kind.UNKNOWN_FIELD:
        return Reply(status, (JSON,), encode_json({"message": UNRECOGNISED}))
    if error.kind is Kind.NOT_FOUND:
        return Reply(status, (JSON,), encode_json({"records": [], "size": 0, "done": True}))
    body = {"Success": False, "Errors": object_errors(error)}
    return Reply(status, (JSON,), encode_json(body))


def object_errors(error: EarnedError) -> Sequence[dict[str, str]]:
    """Return what is wrong, in the vocabulary of the object API."""
    return [
        {"Code": problem.code or KINDS[problem.kind].object_code, "Message": problem.message}
        for problem in error.problems
    ]


def _fault(error: EarnedError) -> Reply:
    """Refuse a whole call; without a valid token as the object dialect does."""
    if error.kind is Kind.AUTHENTICATION:
        return _object_refusal(error)
    first = object_errors(error)[0]
    body = {"FaultCode": first["Code"], "FaultMessage": first["Message"]}
    return Reply(_object_status(error), (JSON,), encode_json(body))


def _object_status(error: EarnedError) -> int:
    return (isinstance(error, WireError) and error.status) or KINDS[error.kind].object_status


def _v1_status(error: EarnedError, version: Version) -> int:
    if isinstance(error, WireError) and error.status:
        return error.status
    row = KINDS[error.kind]
    return row.status if version >= ERRORS_BY_STATUS else row.legacy_status


def _code(error: EarnedError, problem: Problem, resource: int) -> int:
    if isinstance(error, WireError) and error.code:
        return error.code
    if problem.kind is Kind.AUTHENTICATION:
        return AUTHENTICATION_CODE
    if problem.kind is Kind.NOT_FOUND and not problem.field:
        # The key stood in the path, so the code names no payload: clients match on 50000040.
        resource = NO_PAYLOAD
    return resource * 100 + problem.kind.value
