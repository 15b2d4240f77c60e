"""Text on the screen. Streamlit renders Markdown nearly everywhere, so data is escaped before it gets there."""

import re
from functools import lru_cache

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~$&!@]|:(?=[\w/+-]))")
#: What makes a list, a rule or a heading only at the start of a line.
_START = re.compile(r"^(\d+)?([-+=.)])")
#: What becomes a link, an icon or an emoji however it is escaped: they are looked for once more in the finished text.
_LATE = re.compile(r"(https?\\?:(?=//)|www(?=\.)|@(?=\w)|:(?=[\w+\\/-]+:))", re.IGNORECASE)
#: A word joiner: nothing to be seen, and no address or shortcode around it.
_JOINER = "\u2060"


def plain(text: object) -> str:
    """Data as literal text inside Markdown: no links, no pictures, no icons, no formulas, one line."""
    return _plain(str(text))


@lru_cache(maxsize=1_024)  # a slider's move draws the same labels again
def _plain(text: str) -> str:
    escaped = _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
    escaped = _LATE.sub(rf"\1{_JOINER}", escaped)
    return _START.sub(r"\1\\\2", escaped)


def field_name(field: str) -> str:
    """A segment field as it is read: annual_revenue → annual revenue."""
    return field.replace("_", " ")
