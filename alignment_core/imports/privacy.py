"""What identifies a person stays at the door: whole columns are never read, and what slips through becomes a code."""

import hmac
import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.values.texts import by_value

__all__ = ["ADDRESS_HIDDEN", "email_keys", "hide_addresses", "hide_ids", "is_personal_content"]

ADDRESS_HIDDEN = "(an e-mail address)"
_EMAIL = re.compile(r"[^\s@,;<>()\"']+@[^\s@,;<>()\"']+\.[^\s@,;<>()\"']+")
_PHONE = re.compile(r"^\s*(?:\+|00)?[\d\s()./-]{9,24}$")
_IP = re.compile(r"^\s*(?:\d{1,3}\.){3}\d{1,3}\s*$|^\s*(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]*\s*$", re.IGNORECASE)
_PROFILE = re.compile(
    r"(?:linkedin\.com/(?:in|pub)/|facebook\.com/|twitter\.com/|//x\.com/|instagram\.com/|xing\.com/profile|gravatar\.com|googleusercontent)",
    re.IGNORECASE,
)
#: The share of a column's values that must look like somebody's for the column to be.
_MOST = 0.5
_LONG = 120


def is_personal_content(values: Sequence[str]) -> bool:
    """Whether a column's values are e-mail or IP addresses, phone numbers, profiles or free text.

    A number of nine digits may be an id, so a phone number needs its signs: a plus, spaces, brackets or dashes.
    """
    filled = [value for value in values if value.strip()]
    if not filled:
        return False

    def most(looks: object) -> bool:
        return sum(bool(looks(value)) for value in filled) > len(filled) * _MOST  # type: ignore[operator]

    return (
        most(_EMAIL.search)
        or most(_IP.match)
        or most(_PROFILE.search)
        or most(_is_phone)
        or most(lambda value: len(value) > _LONG and value.count(" ") > 10)
    )


def _is_phone(value: str) -> bool:
    digits = sum(letter.isdigit() for letter in value)
    signs = value.strip().startswith(("+", "00")) or ("(" in value) or len(re.findall(r"\d[\s./-]\d", value)) >= 2
    date = re.match(r"^\s*\d{1,4}[-./]\d{1,2}[-./]\d{1,4}", value)
    return bool(_PHONE.match(value)) and 9 <= digits <= 15 and bool(signs) and not date


def _code(secret: bytes, value: str) -> str:
    return hmac.digest(secret, value.strip().casefold().encode(), "sha256").hex()[:32]


def email_keys(texts: pa.ChunkedArray, secret: bytes) -> pa.ChunkedArray:
    """A code for each address, by which the same one is known again; upper and lower case are alike."""
    return by_value(texts, lambda text: _code(secret, text) if "@" in text else None, pa.string())


def hide_ids(table: pa.Table, secret: bytes) -> tuple[pa.Table, list[str]]:
    """Ids that are e-mail addresses or phone numbers become codes; equal ones stay equal. Also says which columns."""
    hidden = []
    for name in ("lead_id", "deal_id", "account", "owner"):
        if name not in table.column_names:
            continue
        texts = table[name]
        if _is_plain(texts):
            continue
        if any(_is_person(value) for value in pc.unique(texts).to_pylist() if value):
            codes = by_value(texts, lambda value: _code(secret, value) if _is_person(value) else value, pa.string())
            table = table.set_column(table.column_names.index(name), name, codes)
            hidden.append(name)
    return table, hidden


def hide_addresses(table: pa.Table) -> tuple[pa.Table, list[str]]:
    """E-mail addresses among the values of other columns are replaced. Also says in which columns."""
    hidden = []
    for name in table.column_names:
        texts = table[name]
        if name in ("lead_id", "deal_id", "account", "owner") or not _is_text(texts.type) or not _any(texts, "@"):
            continue
        changed = by_value(texts, lambda value: ADDRESS_HIDDEN if _EMAIL.search(value) else value, pa.string())
        if not changed.equals(texts.cast(pa.string())):
            table = table.set_column(table.column_names.index(name), name, changed)
            hidden.append(name)
    return table, hidden


def _is_person(value: str) -> bool:
    return "@" in value or _is_phone(value)


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_.value_type if pa.types.is_dictionary(type_) else type_))


def _is_plain(texts: pa.ChunkedArray) -> bool:
    """Whether every text is of letters and digits alone, as most ids are: then none is an address or a number to call."""
    chunks = [chunk.dictionary for chunk in texts.chunks] if pa.types.is_dictionary(texts.type) else texts.chunks
    return all(pc.all(pc.ascii_is_alnum(chunk)).as_py() is not False for chunk in chunks)


def _any(texts: pa.ChunkedArray, sign: str) -> bool:
    """Whether a sign is in any text; of a dictionary, only its values are looked at."""
    chunks = [chunk.dictionary for chunk in texts.chunks] if pa.types.is_dictionary(texts.type) else texts.chunks
    return any(pc.any(pc.match_substring(chunk, sign)).as_py() for chunk in chunks if len(chunk))
