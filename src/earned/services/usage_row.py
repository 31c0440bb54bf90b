"""A row of a usage file as the command that records it."""

from collections.abc import Mapping

from earned.domain.usage import IMPORT
from earned.domain.usage_columns import CUSTOM_SUFFIX, FIELDS
from earned.services.record_usage import RecordUsage


def usage_of_row(
    values: Mapping[str, str], file_name: str, import_id: str | None = None
) -> RecordUsage:
    """Return the command for a row's values by column."""
    return RecordUsage(
        fields={FIELDS[name]: text for name, text in values.items() if name in FIELDS},
        custom_fields={n: text for n, text in values.items() if n.endswith(CUSTOM_SUFFIX)},
        source_type=IMPORT,
        file_name=file_name,
        import_id=import_id,
    )
