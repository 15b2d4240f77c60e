"""Text on the screen. Streamlit renders Markdown nearly everywhere, so data is escaped before it gets there."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def plain(text: object) -> str:
    """Data as literal text inside Markdown: no links, no pictures, no formulas, one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def field_name(field: str) -> str:
    """A segment field as it is read: annual_revenue → annual revenue."""
    return field.replace("_", " ")
