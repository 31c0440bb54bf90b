"""An explanation as named fields, the way JSON has them, and as lines for people."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from earned.domain.errors import Invalid
from earned.domain.exact import plain
from earned.domain.explaining import Branch, Direction, Node, NodeKind, Tree
from earned.domain.money import Currency, major

Link = Callable[[Node, str], str]
"""Makes a link to where a list goes on: of which node, and the cursor."""

_LEADS = {Direction.DOWN: "made of", Direction.UP: "went into"}
_INDENT = "  "
_DIGITS_MAX = 9


def cursor_of(direction: Direction, branch: Branch) -> str | None:
    """Return where a list goes on, None where it is complete."""
    offset = branch.next_offset
    return None if offset is None else f"{direction}.{branch.kind}.{offset}"


def read_cursor(text: str) -> tuple[Direction, NodeKind, int]:
    """Read what `cursor_of` writes. Raises `Invalid`."""
    try:
        direction, kind, offset = text.split(".")
        if offset.isascii() and offset.isdigit() and len(offset) <= _DIGITS_MAX:
            return Direction(direction), NodeKind(kind), int(offset)
    except ValueError:
        pass
    raise Invalid("'cursor' value is invalid", field="cursor")


def tree_fields(tree: Tree, link: Link) -> Mapping[str, object]:
    """Return a tree as nested fields."""
    node = tree.node
    fields: dict[str, object] = {
        "type": node.kind,
        "id": node.id,
        "number": node.number,
        "text": node.text,
        "day": node.day,
        "accountingPeriodName": node.period_name,
        "currency": node.currency,
        "amount": _amount(node.amount_minor, node.currency),
        "quantity": node.quantity,
        "unitOfMeasure": node.uom,
        "createdOn": node.at,
    }
    for direction, branches in tree.branches.items():
        fields[direction] = [_branch_fields(node, direction, one, link) for one in branches]
    return fields


def _branch_fields(
    node: Node, direction: Direction, branch: Branch, link: Link
) -> Mapping[str, object]:
    sums, cursor = branch.sums, cursor_of(direction, branch)
    fields: dict[str, object] = {
        "type": branch.kind,
        "count": sums.count,
        "currency": sums.currency,
        "amount": _amount(sums.amount_minor, sums.currency),
        "quantity": sums.quantity,
        "nodes": [tree_fields(tree, link) for tree in branch.trees],
    }
    return fields if cursor is None else {**fields, "nextPage": link(node, cursor)}


def tree_lines(tree: Tree, indent: str = "") -> Iterator[str]:
    """Yield a tree as lines, each thing deeper than what it belongs to."""
    yield f"{indent}{_told(tree.node)}"
    for direction, branches in tree.branches.items():
        for branch in branches:
            sums = branch.sums
            figures = _figures(sums.amount_minor, sums.currency, sums.quantity, None)
            lead = f"{_LEADS[direction]} {sums.count} {branch.kind}"
            yield f"{indent}{_INDENT}{lead}{figures and ': '}{figures}"
            for below in branch.trees:
                yield from tree_lines(below, indent + 2 * _INDENT)
            cursor = cursor_of(direction, branch)
            if cursor is not None:
                left = sums.count - branch.offset - len(branch.trees)
                yield f"{indent}{2 * _INDENT}and {left} more: --cursor {cursor}"


def _told(node: Node) -> str:
    """Say what a node is in a line."""
    words = [str(node.kind), node.id]
    words += [f"({node.text})"] if node.text else []
    words += [str(node.day)] if node.day else []
    figures = _figures(node.amount_minor, node.currency, node.quantity, node.uom)
    told = f"{' '.join(words)}{figures and ': '}{figures}"
    return "".join(character if character.isprintable() else " " for character in told)


def _figures(
    minor: int | None, currency: str | None, quantity: Decimal | None, uom: str | None
) -> str:
    parts = []
    if minor is not None and currency is not None:
        parts.append(f"{major(minor, Currency.of(currency))} {currency}")
    if quantity is not None:
        parts.append(f"{plain(quantity)} {uom or 'units'}")
    return ", ".join(parts)


def _amount(minor: int | None, currency: str | None) -> Decimal | None:
    if minor is None or currency is None:
        return None
    return major(minor, Currency.of(currency))
