"""The grammar of ZOQL, and why a text is not in it (R 8.10)."""

import re
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, UnexpectedToken

from earned.domain.errors import InvalidQuery
from earned.domain.zoql import CONDITIONS_MAX, Comparison, Literal, LiteralKind, Statement

TEXT_MAX = 100_000

_GRAMMAR = r"""
statement: _SELECT fields _FROM NAME [_WHERE alternatives]
fields: NAME ("," NAME)*
alternatives: conjunction (_OR conjunction)*
conjunction: comparison (_AND comparison)*
comparison: NAME OPERATOR (STRING | NUMBER | FLAG | NULL)
          | NAME LIKE STRING

OPERATOR: "=" | "!=" | "<=" | ">=" | "<" | ">"
_SELECT: /select\b/
_FROM: /from\b/
_WHERE: /where\b/
_OR: /or\b/
_AND: /and\b/
LIKE: /like\b/
FLAG: /(?:true|false)\b/
NULL: /null\b/
NAME: /[A-Za-z][A-Za-z0-9_]*/
NUMBER: /[-+.0-9][-+.:0-9A-Za-z]*/
STRING: /'(?:[^'\\]|\\.)*'/s
%ignore /[ \t\r\n]+/
"""

_HINTS = {
    "*": "Name the fields; there is no wild card for all of them.",
    "(": "There are no parentheses; 'and' binds tighter than 'or'.",
    "'": "A text begins and ends with a single quote; one inside is written \\'.",
    "order": "Results cannot be ordered.",
    "group": "Results cannot be grouped.",
    "limit": "Give a batchSize to limit the results.",
    "in": "There is no 'in'; combine conditions by 'or'.",
    "is": "Write '= null' or '!= null'.",
    "join": "A query names one object.",
}
_KEYWORDS = frozenset({"select", "from", "where", "and", "or", "like", "null", "true", "false"})
_WORD = re.compile(r"\w+|\S")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def parse_statement(text: str) -> Statement:
    """Read a statement. Raises `InvalidQuery` (`MALFORMED_QUERY`) with where it went wrong."""
    if len(text) > TEXT_MAX:
        raise InvalidQuery(f"A query has at most {TEXT_MAX} characters.")
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as fault:
        raise InvalidQuery(_complaint(text, _place(fault))) from None
    statement: Statement = _Reader().transform(tree)
    if sum(map(len, statement.alternatives)) > CONDITIONS_MAX:
        raise InvalidQuery(f"A query has at most {CONDITIONS_MAX} conditions.")
    return statement


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, start="statement", parser="lalr", maybe_placeholders=True)


def _place(fault: UnexpectedInput) -> int | None:
    """Return where the text goes wrong; None where it ends instead of going on."""
    is_end = isinstance(fault, UnexpectedToken) and fault.token.type == "$END"
    return None if is_end else fault.pos_in_stream


def _complaint(text: str, place: int | None) -> str:
    """Say where a text leaves the grammar, and what to write instead where that is known."""
    found = None if place is None else _WORD.search(text, place)
    if found is None:
        return "The query ends too early."
    word = found[0]
    hint = _HINTS.get(word.lower(), "")
    if word.lower() in _KEYWORDS and word not in _KEYWORDS:
        hint = "Keywords are written in lower case."
    if word == "," and " from " in text[: found.start()]:
        hint = _HINTS["join"]
    complaint = f"The query cannot be read at character {found.start() + 1}, near '{word}'."
    return f"{complaint} {hint}".rstrip()


class _Reader(Transformer[Token, Statement]):
    """Makes a statement of what was parsed."""

    def statement(self, parts: list[Any]) -> Statement:
        fields, name, alternatives = parts
        return Statement(fields, str(name), alternatives or ())

    def fields(self, names: list[Token]) -> tuple[str, ...]:
        return tuple(map(str, names))

    def alternatives(self, parts: list[tuple[Comparison, ...]]) -> tuple[Any, ...]:
        return tuple(parts)

    def conjunction(self, parts: list[Comparison]) -> tuple[Comparison, ...]:
        return tuple(parts)

    def comparison(self, parts: list[Token]) -> Comparison:
        name, operator, literal = parts
        return Comparison(str(name), str(operator), _literal(literal))


def _literal(token: Token) -> Literal:
    text = str(token)
    if token.type == LiteralKind.STRING.name:
        text = _ESCAPE.sub(r"\1", text[1:-1])
    return Literal(LiteralKind[token.type], text)
