"""The texts that every feed shares: whole, in three languages, and safe to fill in."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

import pytest

from common.yaml_text import parsed
from ingest import messages
from ingest.contracts import LANGUAGES

# The entries, and what the receiver fills in. A message may leave out what it is given, never
# ask for more.
PLACEHOLDERS: dict[str, set[str]] = {
    "type_date": set(),
    "type_integer": set(),
    "type_number": set(),
    "type_boolean": set(),
    "required": {"column"},
    "required_boolean": {"column"},
    "required_date": {"column"},
    "required_number": {"column"},
    "key_empty": {"column"},
    "code": {"list"},
    "codes": {"list"},
    "minimum": {"minimum"},
    "maximum": {"maximum"},
    "range": {"minimum", "maximum"},
    "date_in_future": set(),
    "date_too_early": set(),
    "duplicate_key": set(),
    "duplicate_key_told_apart": {"column"},
    "identity_code_invalid": set(),
    "identity_code_temporary": set(),
    "identity_code_in_text": set(),
    "municipality_ceased": {"municipality", "successor", "last_day"},
    "outside_period": {"period", "derived"},
    "unknown_column": {"column"},
    "malformed_row": {"expected", "found"},
    "unterminated_quote": set(),
    "path_does_not_fit": set(),
    "unknown_organisation": set(),
    "unknown_feed": {"allowed"},
    "period_not_valid": set(),
    "extension_unknown": {"allowed"},
    "not_a_file": set(),
    "empty_file": set(),
    "volume_confirmed": {"year", "before", "after"},
    "nothing_to_report_takes_rows": {"period", "rows"},
    "nothing_to_report_open_spells": {"period", "open"},
    "nothing_to_report_confirmed": set(),
    "nothing_to_report_not_confirmed": set(),
    "bytes_of_another": {"organisation"},
    "bytes_of_another_confirmed": set(),
    "bytes_of_another_not_confirmed": set(),
    "several_for_period": {"files", "counts"},
    "several_for_period_none": {"files"},
    "several_for_period_held": {"files", "waits"},
    "clients_left_out": {"period", "count"},
    "organisation_succeeded": {"organisation", "successor"},
    "no_header": {"columns", "seen"},
    "nothing_to_report": {"period"},
    "lines_above_header": {"count", "row"},
    "totals_row": {"row"},
    "sheet_read": {"sheet", "others"},
    "several_sheets_fit": {"sheets"},
    "other_format": {"seen", "expected"},
    "missing_columns": {"columns", "seen"},
    "duplicate_columns": {"columns", "seen"},
    "boolean_empty": {"column"},
    "number_ambiguous": set(),
    "error_cell": set(),
    "value_of_other_type": set(),
    "not_readable": {"format"},
    "not_readable_row": set(),
    "encoding_utf16": {"encoding"},
    "encoding_unknown": {"byte", "line"},
    "row_too_long": {"limit"},
    "too_large": {"limit"},
    "too_many_rejected": {"rejected", "read", "limit", "cause"},
    "delimiter_line": set(),
    "duplicate_submission": set(),
    "duplicate_of_held": set(),
    "volume_changed": {"year", "before", "after", "year_before"},
    "volume_above_year_before": {"year", "before", "after", "year_before"},
    "volume_not_confirmed": {"year", "before", "after"},
    "replaced_while_held": {"year", "before", "after"},
    "period_derived": {"derived", "stated"},
    "organisation_not_in_force": set(),
}

# Parts of messages, which say what was seen in a file.
PARTS: dict[str, set[str]] = {
    "cause_column": {"column", "count", "message"},
    "cause_row": {"count", "message"},
    "seen_csv": {"row", "delimiter"},
    "seen_csv_lines": {"count", "delimiter", "values"},
    "seen_sheet": {"sheet", "row", "sheets"},
    "seen_sheets": {"count", "sheets"},
    "seen_no_sheet": set(),
    "seen_json": {"count"},
    "seen_json_no_object": set(),
    "seen_parquet": {"count"},
    "delimiter_comma": set(),
    "delimiter_semicolon": set(),
    "delimiter_tab": set(),
}

ENTRIES: dict[str, dict[str, str]] = parsed(
    Path(messages.__file__).with_name("messages.yaml").read_text(encoding="utf-8")
)


def test_the_entries_are_the_ones_the_receiver_names() -> None:
    assert set(ENTRIES) == set(PLACEHOLDERS) | set(PARTS)


@pytest.mark.parametrize("key", sorted(PLACEHOLDERS))
def test_a_message_is_filled_in_and_stands_in_three_languages(key: str) -> None:
    values = {name: f"<{name}>" for name in PLACEHOLDERS[key]}
    texts = messages.message(key, **values)
    assert len({texts.fi, texts.sv, texts.en}) == 3
    for text in (texts.fi, texts.sv, texts.en):
        assert "{" not in text
        # What is wrong, and then what to do.
        assert text.endswith(".")
        assert text.count(". ") + text.count("; ") >= 1


def test_a_part_of_a_message_is_filled_in_each_language() -> None:
    comma = messages.message("delimiter_comma")
    texts = messages.message("seen_csv", row=3, delimiter=comma)
    assert comma.fi in texts.fi
    assert comma.sv in texts.sv
    assert comma.en in texts.en
    assert comma.fi not in texts.en


@pytest.mark.parametrize("key", sorted(PLACEHOLDERS | PARTS))
def test_the_languages_of_a_message_tell_the_same_values(key: str) -> None:
    asked = [
        {name for _, name, _, _ in Formatter().parse(ENTRIES[key][language]) if name}
        for language in LANGUAGES
    ]
    assert asked[0] == asked[1] == asked[2]
    assert asked[0] <= (PLACEHOLDERS | PARTS)[key]


def test_a_message_whose_placeholder_has_no_value_is_an_error_not_a_gap() -> None:
    with pytest.raises(KeyError):
        messages.message("missing_columns")


def test_braces_in_a_value_are_only_text() -> None:
    assert "{0.__class__}" in messages.message("unknown_column", column="{0.__class__}").en
