"""Actions on many objects: `/v1/action/create`, `update` and `delete` (R 8.10).

Each object is sent through the operation that does the same for one: its checks, its use case, its
answer. There is no other way of doing it here.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

from earned.domain.errors import EarnedError, Invalid, Missing
from earned.http.dialect import Dialect, object_errors
from earned.http.operation import Call, Operation, Write
from earned.http.validation import known_fields, validate
from earned.services.work import Many, UseCase, in_batches

TAG = "Actions"
OBJECTS_MAX = 50

_COLLECTION = re.compile(r"/v1/object/([a-z-]+)")
_ONE = re.compile(r"/v1/object/([a-z-]+)/\{([a-z-]+)\}")
_NULLED = "fieldsToNull"


class CreateObjects(BaseModel):
    """Objects of one type, each as the operation takes it that creates one."""

    type: str
    objects: list[dict[str, Any]]


class UpdateObjects(BaseModel):
    """Objects of one type, each with its `Id`; `fieldsToNull` names fields to empty."""

    type: str
    objects: list[dict[str, Any]]


class DeleteObjects(BaseModel):
    """The ids of objects of one type."""

    type: str
    ids: list[str]


class ActionError(BaseModel):
    """What is wrong with one object."""

    model_config = ConfigDict(populate_by_name=True)

    code: str = Field(alias="Code")
    message: str = Field(alias="Message")


class SaveResult(BaseModel):
    """What became of one object."""

    success: bool = Field(alias="Success")
    id: str | None = Field(default=None, alias="Id")
    errors: list[ActionError] | None = Field(default=None, alias="Errors")


class DeleteResult(BaseModel):
    """What became of one object: in lower case, as the official client reads it."""

    success: bool
    id: str | None = None
    errors: list[ActionError] | None = None


class SaveResults(RootModel[list[SaveResult]]):
    """What became of the objects, in order."""


class DeleteResults(RootModel[list[DeleteResult]]):
    """What became of the objects, in order."""


@dataclass(frozen=True, slots=True)
class _Target:
    """The operation that does to one object what an action does to many."""

    operation: Operation
    work: Write
    use_case: UseCase[Any, Any]
    id_name: str = ""


_Targets = Mapping[str, _Target]


def object_actions(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the actions over all types that `operations` create, change or delete one of."""
    known = list(operations)
    creating = _targets(known, "POST", _COLLECTION)
    updating = _targets(known, "PUT", _ONE)
    deleting = _targets(known, "DELETE", _ONE)
    return (
        _action(CreateObjects, SaveResults, "create", _write(creating, _new_objects)),
        _action(UpdateObjects, SaveResults, "update", _write(updating, _changed_objects)),
        _action(DeleteObjects, DeleteResults, "delete", _write(deleting, _deleted_objects)),
    )


def _action(body: type[BaseModel], answer: type[BaseModel], verb: str, work: Write) -> Operation:
    return Operation(
        method="POST",
        path=f"/v1/action/{verb}",
        id=f"Action_POST{verb}",
        tag=TAG,
        summary=f"{verb.title()} up to {OBJECTS_MAX} objects of one type",
        dialect=Dialect.ACTION,
        body=body,
        answer=answer,
        work=work,
    )


def _targets(operations: Iterable[Operation], method: str, path: re.Pattern[str]) -> _Targets:
    """Return the operations that an action can use, by the name of their type in lower case."""
    targets = {}
    for operation in operations:
        match = path.fullmatch(operation.path)
        work = operation.work
        is_asked = operation.method == method and not operation.takes_file
        if not is_asked or match is None or not isinstance(work, Write):
            continue
        assert isinstance(work.use_case, UseCase), "it is the same whatever the command"
        assert work.command is not None, "the command is made of the object alone"
        name, *id_names = match.groups()
        use_case = in_batches(work.use_case)
        targets[name.replace("-", "")] = _Target(operation, work, use_case, *id_names)
    return targets


_Objects = Callable[[Mapping[str, Any]], Sequence[tuple[object, Mapping[str, Any]]]]
"""From the payload of an action to the id of each object, and what its operation is sent."""


def _write(targets: _Targets, objects_of: _Objects) -> Write:
    """Return the work of an action."""

    def command(call: Call) -> Many:
        objects = objects_of(call.payload)
        target = _target(targets, call)
        if len(objects) > OBJECTS_MAX:
            message = f"A call takes at most {OBJECTS_MAX} objects."
            raise Invalid(message, code="MAX_RECORDS_EXCEEDED")
        commands = [_attempt(target, call, identity, sent) for identity, sent in objects]
        return Many(target.use_case, commands)

    def results(call: Call, outcomes: Sequence[object]) -> Sequence[Mapping[str, object]]:
        target = _target(targets, call)
        objects = objects_of(call.payload)
        return [
            _result(target, call, identity, outcome)
            for (identity, _), outcome in zip(objects, outcomes, strict=True)
        ]

    return Write(_use_case, command, results)


def _use_case(command: Many) -> UseCase[Any, Any]:
    return command.use_case


def _target(targets: _Targets, call: Call) -> _Target:
    name: str = call.body.type
    target = targets.get(name.lower())
    if target is None:
        raise Invalid(f"The type '{name}' is not supported here.", code="INVALID_TYPE")
    return target


def _new_objects(payload: Mapping[str, Any]) -> Sequence[tuple[object, Mapping[str, Any]]]:
    return [("", sent) for sent in payload["objects"]]


def _changed_objects(payload: Mapping[str, Any]) -> Sequence[tuple[object, Mapping[str, Any]]]:
    return [(sent.get("Id"), _with_nulls(sent)) for sent in payload["objects"]]


def _deleted_objects(payload: Mapping[str, Any]) -> Sequence[tuple[object, Mapping[str, Any]]]:
    return [(identity, {}) for identity in payload["ids"]]


def _with_nulls(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object as its operation takes it: without its id, and with nulls in so many words.

    What is not a list of names is left to the operation, which does not know the field.
    """
    fields = {name: value for name, value in sent.items() if name not in {"Id", _NULLED}}
    nulled = sent.get(_NULLED)
    names = nulled if isinstance(nulled, list) else []
    return {**fields, **{name: None for name in names if isinstance(name, str)}}


def _attempt(target: _Target, call: Call, identity: object, sent: Mapping[str, Any]) -> object:
    """Return the command for one object, or why there is none."""
    try:
        return _command(target, call, identity, sent)
    except EarnedError as refusal:
        return refusal


def _command(target: _Target, call: Call, identity: object, sent: Mapping[str, Any]) -> object:
    operation = target.operation
    path: dict[str, str] = {}
    if target.id_name:
        if not isinstance(identity, str) or not identity:
            raise Missing("Missing required value: Id", field="Id")
        path = {target.id_name: identity}
    payload = known_fields(operation, sent, call.query, call.wsdl_version)
    model = operation.body if operation.strict else None
    body = validate(model, payload, operation.dialect) if model else None
    assert target.work.command is not None, "targets are chosen by it"
    return target.work.command(replace(call, path=path, payload=payload, body=body))


def _result(target: _Target, call: Call, identity: object, outcome: object) -> Mapping[str, object]:
    """Return what became of one object, in the words of the operation for one."""
    if not isinstance(outcome, EarnedError):
        done = target.work.present(call, outcome)
        assert isinstance(done, Mapping), "an operation on one object answers with one"
        return done
    if target.operation.method == "DELETE":
        return {"success": False, "id": identity, "errors": object_errors(outcome)}
    return {"Success": False, "Errors": object_errors(outcome)}
