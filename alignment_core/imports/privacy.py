"""What identifies a person stays at the door: whole columns are never read, and what slips through becomes a code."""

import hmac
import re
from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from alignment_core.imports.given_names import GIVEN_NAMES
from alignment_core.imports.values.texts import by_value, tidy

__all__ = [
    "ADDRESS_HIDDEN", "SHARED_BY", "email_keys", "examples", "hide_addresses", "hide_ids", "is_personal_content", "is_personal_though_known", "is_somebodys", "shared", "shown",
]  # fmt: skip

ADDRESS_HIDDEN = "(an e-mail address)"
_OTHERS_HIDDEN = "(somebody's data)"
_EMAIL = re.compile(r"[^\s@,;<>()\"']+@[^\s@,;<>()\"']+\.[^\s@,;<>()\"']+")
_PHONE = re.compile(r"^\s*(?:\+|00)?[\d\s()./-]{9,24}$")
_IP = re.compile(r"^\s*(?:\d{1,3}\.){3}\d{1,3}\s*$|^\s*(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]*\s*$", re.IGNORECASE)
_PROFILE = re.compile(
    r"(?:linkedin\.com/(?:in|pub)/|facebook\.com/|twitter\.com/|//x\.com/|instagram\.com/|xing\.com/profile|gravatar\.com|googleusercontent)"
    r"|^\s*data:image/|^\s*(?:https?:)?/\S+\.(?:jpe?g|png|gif|webp|heic)(?:\?\S*)?\s*$",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"\s*@\w{2,40}\s*")
_STREET = re.compile(
    r"^\s*\d+\s?[a-z]?,?\s+\w.*\b(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|square|terrace|parkway)\b"
    r"|\w(?:straße|strasse|str\.|weg|allee|platz|gasse|damm|straat|laan|gatan|vej)\s+\d+"
    r"|^\s*(?:\d+\w?,?\s+)?(?:rue|avenue|boulevard|calle|avenida|rua|via|viale|piazza|plaza|ulica|ul\.)\s+\w+.*",
    re.IGNORECASE,
)
_YEAR = re.compile(r"^\s*(?:(\d{4})[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ]\w{1,9}[-/. ]+(\d{4}|\d{2}))(?:[T ].*)?\s*$")
#: Whoever is in a CRM was born before; nothing else in it is as old.
_BORN_BEFORE = 2005
_WORD = re.compile(r"[^\W\d_][^\W\d_'’.-]*(?:[-'’][^\W\d_]+)*\.?")
#: The share of a column's values that must look like somebody's for the column to be.
_MOST = 0.5
_LONG = 120
#: A job title or the like that fewer leads of a file share, or that is longer, is not kept.
SHARED_BY, _SHORT = 5, 60
#: Values of more words than this are sentences, if they do not repeat themselves.
_SENTENCE = 5
#: The share of different values among all up to which they are choices from a list.
_REPEATING = 0.5


def is_personal_content(values: Sequence[str]) -> bool:
    """Whether a column's values are somebody's: names, e-mail or IP addresses, phone numbers, streets, birth dates,
    profiles, pictures or free text.

    A number of nine digits may be an id, so a phone number needs its signs: a plus, spaces, brackets or dashes.
    Names are known by the common given ones among them.
    """
    filled = [value for value in values if value.strip()]
    if not filled:
        return False

    def most(looks: Callable[[str], object]) -> bool:
        return sum(bool(looks(value)) for value in filled) > len(filled) * _MOST

    return (
        most(_EMAIL.search)
        or most(_IP.match)
        or most(_PROFILE.search)
        or most(_HANDLE.fullmatch)
        or most(_is_phone)
        or most(_STREET.search)
        or most(_is_name)
        or most(_is_long_ago)
        or most(lambda value: len(value) > _LONG and value.count(" ") > 10)
        or (most(lambda value: len(value.split()) > _SENTENCE) and not _is_list(filled))
    )


def is_personal_though_known(values: Sequence[str]) -> bool:
    """Whether values that should come from a list of regions or products are somebody's addresses, numbers or free text."""
    filled = [value for value in values if value.strip()]
    found = sum(is_somebodys(value) or (len(value) > _LONG and value.count(" ") > 10) for value in filled)
    return found > len(filled) * _MOST


def is_somebodys(value: str) -> bool:
    """Whether a single value identifies a person whatever it stands among: an address, a number to call, a profile.

    Letters and digits alone are an id, however they begin.
    """
    return not value.isalnum() and bool(
        _EMAIL.search(value) or _IP.match(value) or _PROFILE.search(value) or _is_phone(value)
    )


def shown(value: str | None) -> str | None:
    """A value as a report may show it: short, and nothing that is somebody's."""
    if value is None:
        return None
    if "@" in value:
        return ADDRESS_HIDDEN
    return _OTHERS_HIDDEN if is_somebodys(value) else value[:80]


def examples(values: Iterable[str], *, is_used: bool) -> tuple[str, ...]:
    """A few different values of a column, shortened; none that is somebody's.

    Args:
        values: of some of its rows.
        is_used: whether the column has a field, or may have. Of any other only what cannot be a name is shown:
            numbers, dates, ids, and what repeats itself as choices from a list do.
    """
    filled = [value.strip() for value in values if value.strip()]
    if not is_used and not _is_list(filled):
        filled = [value for value in filled if any(letter.isdigit() for letter in value) and " " not in value]
    kept = dict.fromkeys(value[:40] for value in filled if "@" not in value and not is_somebodys(value))
    return tuple(list(kept)[:3])


def _is_list(filled: Sequence[str]) -> bool:
    """Whether values repeat themselves, as those from a list do."""
    return len(set(filled)) <= len(filled) * _REPEATING


def _is_name(value: str) -> bool:
    """Whether a value is the name of a person, as "Maria Muster", "Muster, Maria" or "Dr. Maria B. Muster"."""
    words = value.replace(",", " ").split()
    return (
        0 < len(words) <= 5
        and all(_WORD.fullmatch(word) for word in words)
        and any(word.casefold() in GIVEN_NAMES for word in words)
    )


def _is_long_ago(value: str) -> bool:
    found = _YEAR.match(value)
    if not found:
        return False
    year = int(found[1] or found[2])
    return (year if year > 99 else year + (1900 if year > 30 else 2000)) < _BORN_BEFORE


def _is_phone(value: str) -> bool:
    digits = sum(letter.isdigit() for letter in value)
    signs = value.strip().startswith(("+", "00")) or ("(" in value) or len(re.findall(r"\d[\s./-]\d", value)) >= 2
    date = re.match(r"^\s*\d{1,6}[-./]\d{1,2}[-./]\d{1,4}(?:\D|$)", value)
    return bool(_PHONE.match(value)) and 9 <= digits <= 15 and bool(signs) and not date


def _code(secret: bytes, value: str) -> str:
    return hmac.digest(secret, value.strip().casefold().encode(), "sha256").hex()[:32]


def email_keys(texts: pa.ChunkedArray, secret: bytes) -> pa.ChunkedArray:
    """A code for each address, by which the same one is known again; upper and lower case are alike."""
    return by_value(texts, lambda text: _code(secret, text) if "@" in text else None, pa.string())


def shared(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Of each value only what several leads have in common: what fewer share might tell who somebody is."""
    kept = tidy(texts)
    kept = kept.cast(pa.string()) if pa.types.is_dictionary(kept.type) else kept
    often = {
        each["values"]
        for each in pc.value_counts(kept).to_pylist()
        if each["values"] is not None and each["counts"] >= SHARED_BY and not _is_anybodys(each["values"])
    }
    return by_value(kept, lambda value: value if value in often else None, pa.string())


def _is_anybodys(value: str) -> bool:
    return "@" in value or len(value) > _SHORT or is_somebodys(value) or _is_name(value) or bool(_STREET.search(value))


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
