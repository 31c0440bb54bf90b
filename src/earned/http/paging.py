"""Pages of the v1 lists: `page`, `pageSize`, and `nextPage` where there is more (R 8.9)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlencode

from earned.domain.errors import Invalid
from earned.http.operation import Call, Parameter

DEFAULT_SIZE = 10
SIZE_MAX = 40

_DIGITS_MAX = 9

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list are asked for. Pages are counted from 1."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.number - 1) * self.size

    @property
    def limit(self) -> int:
        """How many rows to fetch: one more than are shown, which tells whether there is more."""
        return self.size + 1


def page_of(call: Call, default: int = DEFAULT_SIZE, most: int = SIZE_MAX) -> Page:
    """Read `page` and `pageSize`; a larger page than `most` is that of `most`. Raises `Invalid`."""
    return Page(_positive(call, "page", 1), min(_positive(call, "pageSize", default), most))


def page_parameters(default: int = DEFAULT_SIZE, most: int = SIZE_MAX) -> tuple[Parameter, ...]:
    """Describe the query parameters that `page_of` reads."""
    whole = {"type": "integer", "minimum": 1}
    return (
        Parameter("page", "Which page to return, from 1.", {**whole, "default": 1}),
        Parameter("pageSize", f"Rows a page, at most {most}.", {**whole, "default": default}),
    )


def answer_page(
    call: Call, page: Page, name: str, rows: Sequence[T], present: Callable[[T], object]
) -> Mapping[str, object]:
    """Answer the page of `rows`, fetched with `page.limit`, under `name`.

    `nextPage` is there only where rows remain; it repeats the other query parameters.
    """
    answer: dict[str, object] = {name: [present(row) for row in rows[: page.size]]}
    if len(rows) > page.size:
        answer["nextPage"] = _link(call, Page(page.number + 1, page.size))
    return {**answer, "success": True}


def _link(call: Call, page: Page) -> str:
    others = [(name, value) for name, value in call.query if name not in {"page", "pageSize"}]
    query = urlencode([*others, ("page", page.number), ("pageSize", page.size)])
    return f"{call.base_url}{quote(call.url_path)}?{query}"


def _positive(call: Call, name: str, default: int) -> int:
    text = call.first(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX and int(text)):
        raise Invalid(f"'{name}' value should be a whole number from 1", field=name)
    return int(text)
