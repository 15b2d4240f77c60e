"""Texts that stand for nothing: empty cells that a system or a person has filled all the same."""

import pyarrow as pa
import pyarrow.compute as pc

#: Salesforce writes an empty id as zeros; picklists export the prompt of what nobody chose.
EMPTY: tuple[str, ...] = (
    "", "N/A", "n/a", "N.A.", "n.a.", "NA", "#N/A", "-", "--", "---", "–", "—",
    "null", "NULL", "Null", "<null>", "[null]", r"\N", "None", "none", "NONE", "nil", "NaN", "nan", "NaT", "<NA>",
    "000000000000000", "000000000000000AAA",
    "Select", "Select...", "Select…", "Select one", "Please select", "Please select...", "Please Select",
    "-- Select --", "--Select--", "- Select -", "-Select-", "-- Select One --", "-- Please Select --",
    "--None--", "-- None --", "-None-", "- None -", "(none)", "(None)", "(blank)", "(Blank)", "(leer)", "(vide)",
    "Bitte wählen", "Bitte auswählen", "-- Bitte wählen --", "--Kein--", "-Kein-",
)  # fmt: skip

#: White space, and the marks without width that web pages and right-to-left systems leave around a text.
SPACE = " \t\r\n\v\f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u200e\u200f\u2060\ufeff"

_VALUE_SET = pa.array(EMPTY)


def blank(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Where nothing stands: null, white space, or a word for nothing. As long as `texts`, never null."""
    if pa.types.is_dictionary(texts.type):
        texts = pc.cast(texts, texts.type.value_type)
    trimmed = pc.utf8_trim(texts, characters=SPACE)
    return pc.or_(pc.is_null(texts), pc.is_in(trimmed, value_set=_VALUE_SET))
