"""Frozen results as plain values and back, without loss: what a review was is what it will be, to the last digit.

A dataclass is an object of its fields, a mapping a list of pairs (its keys need not be text), a tuple a list. What
JSON does not have says what it is: `{"$date": …}`, `{"$decimal": …}`, and `{"$float": "nan"}` for what is no number.
Reading goes by the types that the dataclasses declare, so that a field which a later version adds takes its default.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["plain", "restored"]

T = TypeVar("T")


def plain(value: Any) -> Any:
    """A result as values that JSON has. Raises TypeError for what nothing can be stored of."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return [[plain(key), plain(each)] for key, each in value.items()]
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        number = float(value)
        return number if math.isfinite(number) else {"$float": str(number)}
    if type(value) is date:
        return {"$date": value.isoformat()}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def restored(kind: type[T], stored: Any) -> T:
    """The inverse of `plain`. Raises ValueError where the stored values are not those of this kind."""
    result: T = _restored(kind, stored)
    return result


_TAGS: Mapping[str, Callable[[str], Any]] = {"$date": date.fromisoformat, "$decimal": Decimal, "$float": float}


def _restored(kind: Any, stored: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        kinds = [each for each in get_args(kind) if each is not NoneType]
        # One of several kinds of which at most one is more than a word or a number: that one reads it.
        kind = next((each for each in kinds if is_dataclass(each) or get_origin(each) is not None), kinds[0])
    if stored is None:
        return None
    if is_dataclass(kind):
        return _dataclass(kind, stored)
    if isinstance(stored, dict):
        ((tag, text),) = stored.items()
        if tag not in _TAGS:
            raise ValueError(f"{tag} is nothing that is stored")
        return _TAGS[tag](text)
    if isinstance(stored, list):
        inner: tuple[Any, ...] = get_args(kind) or (object, ...)
        if get_origin(kind) is Mapping:
            return {_restored(inner[0], key): _restored(inner[1], value) for key, value in stored}
        if inner[-1] is ...:
            inner = inner[:1] * len(stored)
        return tuple(_restored(each, value) for each, value in zip(inner, stored, strict=True))
    return stored


def _dataclass(kind: Any, stored: Any) -> Any:
    if not isinstance(stored, dict):
        raise ValueError(f"{kind.__name__} is not a table")
    known = {each.name: each for each in fields(kind)}
    if unknown := stored.keys() - known.keys():
        raise ValueError(f"{kind.__name__} has {', '.join(sorted(unknown))}, which this version does not know")
    missing = [
        name
        for name, each in known.items()
        if name not in stored and each.default is MISSING and each.default_factory is MISSING
    ]
    if missing:
        raise ValueError(f"{kind.__name__} lacks {', '.join(missing)}")
    hints = _hints(kind)
    return kind(**{name: _restored(hints[name], value) for name, value in stored.items()})


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)
