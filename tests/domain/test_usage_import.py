"""What a usage file has to look like, and the words for one that does not."""

import pytest

from earned.domain.errors import Invalid
from earned.domain.usage_columns import TEMPLATE, repeated
from earned.domain.usage_import import as_import_failure, fault_of, template_layout


def test_columns_may_come_in_any_order_and_case_among_others() -> None:
    header = [" qty ", *(name for name in TEMPLATE if name != "QTY"), "x", "team__c", ""]

    layout = template_layout(header)

    assert layout.places["QTY"] == 0
    assert layout.places["team__c"] == 9
    assert layout.unused == ["x"]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (TEMPLATE[1:], "The column ACCOUNT_ID must be there"),
        (TEMPLATE[2:], "The columns ACCOUNT_ID, UOM must be there"),
        ((*TEMPLATE, "uom"), "The column UOM is there twice"),
        ((*TEMPLATE, "a__c", "a__c"), "The column a__c is there twice"),
    ],
)
def test_a_header_that_is_not_the_templates_is_refused(
    header: tuple[str, ...], message: str
) -> None:
    with pytest.raises(Invalid, match=f"^The Usage Upload Process was rejected. {message} at row"):
        template_layout(header)


def test_names_that_mean_nothing_may_be_blank_but_not_repeated() -> None:
    assert repeated(["", "", "A__c", "a__c"]) == ""
    assert repeated(["x", "x"]) == "x"
    assert repeated([str(number) for number in range(100_000)]) == ""


@pytest.mark.parametrize(
    ("cell", "is_taken"),
    [("é ß 漢 ￿", True), ("\U00010000", False), ("a\0", False), ("fine", True)],
)
def test_characters_beyond_the_first_plane_are_not_taken(cell: str, is_taken: bool) -> None:  # noqa: FBT001 - A literal of the table.
    assert (fault_of(template_layout(TEMPLATE), [cell], 2) == "") is is_taken


def test_only_the_unit_without_a_charge_has_a_text_of_its_own_in_files() -> None:
    unit = "The UOM Hour does not match any existing charge"
    assert as_import_failure(unit) == f"File Import Failed: {unit}"
    assert as_import_failure("The QTY is missing") == "The QTY is missing"
