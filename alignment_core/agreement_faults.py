"""What pydantic finds wrong with an agreement, in the words of somebody who wrote the file."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from alignment_core.agreement_parts import AgreementError

__all__ = ["every_fault", "faults_in_words"]


def faults_in_words(error: ValidationError, model: type[BaseModel]) -> tuple[str, ...]:
    """Everything that is wrong with what a model was given, each as a sentence that says where."""
    return tuple(words for fault in error.errors() for words in _in_words(fault, model))


def every_fault(error: ValidationError, model: type[BaseModel], values: Mapping[str, Any]) -> tuple[str, ...]:
    """As `faults_in_words`, and what else is wrong with a table of which a key is wrong in itself.

    The keys of a table are only held against each other where each of them is right. So those that are not are left out, and
    what is left is checked again. What then is wrong with a key that was left out is no fault of the file, and is not said.
    """
    faults = [*faults_in_words(error, model)]
    left_out: dict[str, set[str]] = {}
    while True:
        whole = values
        for fault in error.errors():
            if place := _to_leave_out(fault, model):
                names = left_out.setdefault(place[0], set())
                if fault["type"] != "extra_forbidden":
                    names.add(place[-1])
                elif (near := _near(fault["loc"], model)) and not _has(whole, (*place[:-1], near)):
                    names.add(near)  # a slip of the pen
                values = _without(values, place)
        if values == whole:
            return tuple(dict.fromkeys(faults))
        try:
            model.model_validate(values)
        except ValidationError as found:
            error = found
        else:
            return tuple(dict.fromkeys(faults))
        faults += [
            words
            for fault in error.errors()
            for words in _in_words(fault, model)
            if not left_out.get(str(fault["loc"][0]), set()) & set(re.findall(r"\w+", words))
        ]


def _to_leave_out(fault: ErrorDetails, model: type[BaseModel]) -> tuple[str, ...]:
    """The place of the key in a table of the file without which a fault is none; empty where there is no such key.

    A name of one's own (a segment, a channel) is no such key: without it the others would not be what was agreed.
    """
    loc = fault["loc"]
    if fault["type"] == "extra_forbidden":
        return tuple(map(str, loc)) if len(loc) > 1 else ()
    for end in range(len(loc), 1, -1):
        if loc[end - 1] in _keys_of(model, loc[: end - 1]):
            return tuple(map(str, loc[:end]))
    return ()


def _has(values: Any, place: tuple[str, ...]) -> bool:
    for name in place:
        if not isinstance(values, Mapping) or name not in values:
            return False
        values = values[name]
    return True


def _without(values: Mapping[str, Any], place: tuple[str, ...]) -> Mapping[str, Any]:
    if not _has(values, place):
        return values
    name, *rest = place
    if rest:
        return {**values, name: _without(values[name], tuple(rest))}
    return {key: value for key, value in values.items() if key != name}


def _near(loc: tuple[Any, ...], model: type[BaseModel]) -> str | None:
    """The key that was meant by one that is none."""
    return next(iter(get_close_matches(str(loc[-1]), _keys_of(model, loc[:-1]), n=1)), None)


def _in_words(fault: ErrorDetails, model: type[BaseModel]) -> list[str]:
    return _fault(fault["type"], fault["loc"], fault["msg"], fault["input"], fault.get("ctx"), model)


def _fault(
    type: str, loc: tuple[Any, ...], msg: str, input: Any, ctx: dict[str, Any] | None, model: type[BaseModel]
) -> list[str]:
    """One of pydantic's errors (the arguments are its keys) as sentences."""
    where = ".".join(map(str, loc))
    match type:
        case "missing":
            what = "is missing"
        case "extra_forbidden":
            near = _near(loc, model)
            what = (
                f"is not a key of {f'[{where_in}]' if (where_in := '.'.join(map(str, loc[:-1]))) else 'an agreement'}"
            )
            what += f"; did you mean {near}?" if near else ""
        case "value_error":
            error = (ctx or {}).get("error")
            if isinstance(error, AgreementError):
                return [f"{where}: {fault}" if where else fault for fault in error.faults]
            what = str(error)
        case "model_type" | "dict_type":
            what = f"{_as_toml(input)} is not a table; write it as [{where}] with its keys under it"
        case "greater_than_equal" | "less_than_equal":
            limit = f"{(ctx or {})[_LIMIT_KEY[type]]:,.6f}".rstrip("0").rstrip(".")
            found = f"{input:g}" if isinstance(input, float) else str(input)
            what = (
                f"{found} must be at {_LIMIT[type]} {limit}"
                if limit != "0.000001" or found != "0"
                else "0 must be more than 0"
            )
            if (
                type == "less_than_equal"
                and isinstance(input, int | float)
                and 1 < input <= 100
                and (ctx or {})["le"] == 1
            ):
                what += f"; write {input:g}% as {input / 100:g}"
        case "float_type" | "int_type" | "finite_number":
            what = f"{_as_toml(input)} is not a {'whole ' if type == 'int_type' else ''}number"
        case "string_type":
            what = f"{_as_toml(input)} is not text"
        case "string_too_short":
            what = "is empty"
        case "literal_error":
            what = f"{input!r} is none of {(ctx or {}).get('expected', '')}"
        case "string_pattern_mismatch":
            what = f"{input!r} is not a currency code of three capital letters such as USD"
        case "date_type" | "date_parsing" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            what = f"{_as_toml(input)} is no day; write it like 2026-12-24"
        case "tuple_type" | "list_type":
            what = f"{_as_toml(input)} is not a list; write it in square brackets"
        case _:
            what = f"{msg} (found {_as_toml(input)})"
    return [f"{where}: {what}" if where else what]


_LIMIT = {"greater_than_equal": "least", "less_than_equal": "most"}
_LIMIT_KEY = {"greater_than_equal": "ge", "less_than_equal": "le"}


def _keys_of(model: Any, loc: tuple[Any, ...]) -> list[str]:
    """The keys that a place in the file may have: the model's own, or those of a part that is reached through it."""
    if get_origin(model) in (dict, tuple, list):
        return _keys_of(get_args(model)[-1 if get_origin(model) is dict else 0], loc[1:]) if loc else []
    if get_origin(model) in (Union, UnionType, Annotated):
        return [key for each in get_args(model) for key in _keys_of(each, loc)]
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    if not loc:
        return list(model.model_fields)
    field = model.model_fields.get(str(loc[0]))
    return _keys_of(field.annotation, loc[1:]) if field else []


def _as_toml(value: object) -> str:
    """A value as the file has it, shortened."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
