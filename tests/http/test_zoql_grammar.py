"""What is a ZOQL statement, and what is not (R 8.10)."""

import pytest

from earned.domain.errors import EarnedError
from earned.domain.zoql import Literal, LiteralKind
from earned.http.zoql.grammar import parse_statement


def test_and_binds_tighter_than_or() -> None:
    found = parse_statement("select Id, Name from Account where A = 1 or B = 2 and C like 'x%'")

    assert (found.fields, found.object_name) == (("Id", "Name"), "Account")
    assert [[one.field for one in every] for every in found.alternatives] == [["A"], ["B", "C"]]


def test_a_quote_in_a_text_is_escaped_and_keywords_may_begin_a_name() -> None:
    found = parse_statement(r"select fromage from Orders where android = 'Mom\'s \\ and'")

    assert found.fields == ("fromage",)
    assert found.alternatives[0][0].literal == Literal(LiteralKind.STRING, "Mom's \\ and")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The query ends too early."),
        ("select Id", "The query ends too early."),
        ("select Id from Account where", "The query ends too early."),
        ("SELECT Id from Account", "1, near 'SELECT'. Keywords are written in lower case."),
        (
            "select Id from A where X = 1 AND Y = 2",
            "30, near 'AND'. Keywords are written in lower case.",
        ),
        (
            "select * from Account",
            "8, near '*'. Name the fields; there is no wild card for all of them.",
        ),
        ("select Id from Account, Usage", "23, near ','. A query names one object."),
        ("select Id from Account join Usage", "24, near 'join'. A query names one object."),
        (
            "select Id from A where X in ('a')",
            "26, near 'in'. There is no 'in'; combine conditions by 'or'.",
        ),
        (
            "select Id from A where (X = 1)",
            "24, near '('. There are no parentheses; 'and' binds tighter than 'or'.",
        ),
        ("select Id from A order by Id", "18, near 'order'. Results cannot be ordered."),
        ("select Id from A where X = 1 order by Id", "30, near 'order'. Results cannot be"),
        ("select Id from A where X = 1 orY = 2", "30, near 'orY'."),
        ("selectId from A", "1, near 'selectId'."),
        ("select Id from A where X likeB", "26, near 'likeB'."),
        ("select Id from A where X = nullable", "28, near 'nullable'."),
        ("select count(Id) from A", "13, near '('. There are no parentheses;"),
        ("select Id from A where X = Y", "28, near 'Y'."),
        ("select Id from A where X is null", "26, near 'is'. Write '= null' or '!= null'."),
        ("select 'Id' from A", "8, near '''. A text begins and ends with a single quote;"),
        ("select Id from A where X = 'a", "28, near '''. A text begins and ends with a single"),
    ],
)
def test_what_is_not_in_the_grammar_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(EarnedError) as refused:
        parse_statement(text)

    begin = "" if message.startswith("The") else "The query cannot be read at character "
    assert str(refused.value).startswith(f"{begin}{message}")


def test_two_hundred_conditions_are_read_and_no_more() -> None:
    query = "select Id from A where X = 1"

    assert len(parse_statement(query + " or X = 1" * 199).alternatives) == 200
    with pytest.raises(EarnedError, match=r"A query has at most 200 conditions\."):
        parse_statement(query + " or X = 1" * 199 + " and Y = 2")
    with pytest.raises(EarnedError, match=r"A query has at most 100000 characters\."):
        parse_statement(query + " " * 100_000)
