"""An agreement as canonical text: what is signed is the SHA-256 of exactly these bytes.

Format 1 is JSON (UTF-8, no white space, non-ASCII as it is) of the agreement's file, with these rules:

- The values are those of the agreement's TOML (`Agreement.to_toml`), so 30000.0 is 30000 where TOML writes it so.
- What the file may leave out because there is a default is left out, so that a field that a later version adds
  changes no hash. What format 1 knows and a changed default would change the meaning of (time zone, fiscal year,
  currency, owners, sourcing with its lists of lead sources) is always written in full.
- Keys are sorted, but segments stay in their order: ties of rounding go by it.
- Dates and times, which JSON does not have, are `{"$date": …}`, `{"$datetime": …}` or `{"$time": …}` in ISO 8601;
  a key of one's own that begins with `$` gets another one.

The hash is taken over the line `alignment agreement 1`, a line feed, and that text.
"""

import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any

from alignment_core.agreement import Agreement

__all__ = ["agreement_of", "as_json", "canonical", "content_hash", "from_json", "hash_of", "short", "values_of"]

_FORMAT = "alignment agreement 1\n"
_IN_FULL: Any = {
    "timezone": True,
    "owners": {"mql_volume", "mql_to_sql", "sql_to_opportunity", "close_rate", "deal_size", "sql_volume"},
    "sourcing": {"rule", "marketing", "sales", "otherwise"},
}
#: Tables whose keys are in an order that means something.
_ORDERED = (("segments", "marketing"), ("segments", "sales"))
_AS_IT_IS = frozenset({str, int, float, bool, type(None)})
_TIMES = {"$date": date.fromisoformat, "$datetime": datetime.fromisoformat, "$time": time.fromisoformat}


def content_hash(agreement: Agreement) -> str:
    """The SHA-256 of an agreement's canonical text, 64 hexadecimal digits: what both sides sign."""
    return hash_of(canonical(agreement))


def hash_of(text: str) -> str:
    """The content hash of canonical text."""
    return sha256((_FORMAT + text).encode()).hexdigest()


def short(digest: str) -> str:
    """A hash as it is shown and read aloud: its first twelve digits in groups of four."""
    return " ".join(digest[place : place + 4] for place in (0, 4, 8))


def canonical(agreement: Agreement) -> str:
    """An agreement's canonical text; `agreement_of` reads it back."""
    return as_json(_sorted(values_of(agreement)))


def values_of(agreement: Agreement) -> dict[str, Any]:
    """An agreement as plain values, as in its file, with what format 1 writes in full."""
    # Whatever an agreement holds, it goes to TOML and back without loss: that is the one way out of it.
    return tomllib.loads(agreement.to_toml()) | agreement.model_dump(mode="json", include=_IN_FULL)


def agreement_of(text: str) -> Agreement:
    """The agreement of a canonical text. Raises AgreementError if this version cannot read it."""
    return Agreement.checked(from_json(text))


def as_json(value: Any) -> str:
    """Plain values, dates included, as JSON that is the same every time."""
    return json.dumps(_coded(value), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Any:
    """The values of `as_json`. Raises ValueError where it is none."""
    return _decoded(json.loads(text))


def _sorted(value: Any, path: tuple[str, ...] = ()) -> Any:
    if isinstance(value, Mapping):
        keys = value if path in _ORDERED else sorted(value)
        return {key: _sorted(value[key], (*path, key)) for key in keys}
    return [_sorted(each, (*path, "")) for each in value] if isinstance(value, list | tuple) else value


def _coded(value: Any) -> Any:
    if type(value) in _AS_IT_IS:  # most are, and this is the quickest to ask
        return value
    if isinstance(value, list | tuple):
        return [_coded(each) for each in value]
    if isinstance(value, Mapping):
        return {f"${key}" if key.startswith("$") else key: _coded(each) for key, each in value.items()}
    for kind, tag in ((datetime, "$datetime"), (date, "$date"), (time, "$time")):
        if isinstance(value, kind):
            return {tag: value.isoformat()}
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (tag := next(iter(value))) in _TIMES:
        return _TIMES[tag](value[tag])
    return {key[1:] if key.startswith("$") else key: _decoded(each) for key, each in value.items()}
