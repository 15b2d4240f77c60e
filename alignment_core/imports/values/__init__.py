"""Columns of text → typed columns, and what in them does not parse.

One function per type takes a column of text as it stands in a file (`string` or `dictionary<int32, string>`) and gives a
typed column with a mask of what failed. None of them guesses: where a column can be read in two ways, an evidence function counts
what its values say, and the caller decides.
"""

from alignment_core.imports.values.dates import (
    DateEvidence,
    ParsedDates,
    date_evidence,
    parse_dates,
    parse_iso_dates,
    why_no_date,
)
from alignment_core.imports.values.fiscal import parse_quarter, parse_quarter_number, parse_year, why_no_quarter
from alignment_core.imports.values.money import (
    MoneyEvidence,
    ParsedMoney,
    money_evidence,
    parse_money,
    parse_plain_money,
    why_no_amount,
)
from alignment_core.imports.values.nothing import EMPTY, blank
from alignment_core.imports.values.parsed import Parsed
from alignment_core.imports.values.plain import (
    PercentEvidence,
    parse_flag,
    parse_number,
    parse_percent,
    parse_source,
    parse_stage,
    percent_evidence,
)

__all__ = [
    "EMPTY",
    "DateEvidence",
    "MoneyEvidence",
    "Parsed",
    "ParsedDates",
    "ParsedMoney",
    "PercentEvidence",
    "blank",
    "date_evidence",
    "money_evidence",
    "parse_dates",
    "parse_flag",
    "parse_iso_dates",
    "parse_money",
    "parse_number",
    "parse_percent",
    "parse_plain_money",
    "parse_quarter",
    "parse_quarter_number",
    "parse_source",
    "parse_stage",
    "parse_year",
    "percent_evidence",
    "why_no_amount",
    "why_no_date",
    "why_no_quarter",
]
