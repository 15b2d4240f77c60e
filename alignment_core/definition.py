"""What an MQL is, as both sides agreed it: fit and engagement, each a rule or a group of rules.

Nothing here knows of leads; `meets` holds a definition against them.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import tomli_w
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from alignment_core.agreement_faults import faults_in_words
from alignment_core.agreement_parts import AgreementError, Part

__all__ = [
    "COMPARISONS",
    "DEEPEST",
    "LISTS",
    "NUMBERS",
    "Comparison",
    "Group",
    "Match",
    "MqlDefinition",
    "Rule",
    "Term",
]

Comparison = Literal["is", "is_not", "at_least", "at_most", "between", "is_filled"]
Match = Literal["all", "any"]

COMPARISONS: tuple[Comparison, ...] = ("is", "is_not", "at_least", "at_most", "between", "is_filled")
#: Comparisons with a list of texts, and with numbers.
LISTS: tuple[Comparison, ...] = ("is", "is_not")
NUMBERS: tuple[Comparison, ...] = ("at_least", "at_most", "between")
#: How far groups may stand in groups. Nobody can say in a meeting what a deeper one means.
DEEPEST = 3
_MOST_RULES = 50

# Strict: text or true in a number's place is a mistake. Beyond these limits floating point loses whole numbers.
Number = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False, strict=True)]


Checked = TypeVar("Checked", bound=BaseModel)


def _listed(value: Any) -> Any:
    """One text is a list of one."""
    return (value,) if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1, strict=True)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed), Field(min_length=1)]


class Rule(Part):
    """A field and one comparison.

    Attributes:
        field: a column of the leads, such as country or employees.
        is_ (`is` in a file), is_not: one of these texts, or none of them; case and spacing don't count. A lead
            without a value is none of them.
        at_least, at_most, between: numbers, limits included. A lead whose value is a band that lies across a limit
            (51-200 against at least 100), or is no number, does not meet it.
        is_filled: whether the lead has any value.
    """

    model_config = ConfigDict(validate_by_name=False)

    field: str = Field(min_length=1, strict=True)
    is_: Texts | None = Field(None, alias="is")
    is_not: Texts | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    between: tuple[Number, Number] | None = None
    is_filled: bool | None = None

    @classmethod
    def of(cls, field: str, comparison: Comparison, value: object) -> "Rule":
        """A rule from its three parts. Raises AgreementError."""
        return _checked(cls, {"field": field, comparison: value})

    @field_validator("field")
    @classmethod
    def _as_a_column(cls, value: str) -> str:
        return "_".join(value.casefold().split())

    @field_validator("is_filled", mode="before")
    @classmethod
    def _true_or_false(cls, value: Any) -> Any:
        if value is not None and not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return value

    @field_validator("between")
    @classmethod
    def _from_low_to_high(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value and value[0] > value[1]:
            raise ValueError(f"{value[0]:g} is more than {value[1]:g}; write the lower number first")
        return value

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        given = [name for name in COMPARISONS if self._of(name) is not None]
        if len(given) != 1:
            found = f"has {' and '.join(given)}; give each a rule of its own" if given else "compares with nothing"
            raise ValueError(f"{self.field} {found}. A rule has one of {', '.join(COMPARISONS)}")
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values = {"field": self.field, self.comparison: self.value}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def _of(self, comparison: Comparison) -> Any:
        return self.is_ if comparison == "is" else getattr(self, comparison)

    @property
    def comparison(self) -> Comparison:
        return next(name for name in COMPARISONS if self._of(name) is not None)

    @property
    def value(self) -> Any:
        """What the field is compared with: texts, a number, two numbers, or whether it is filled."""
        return self._of(self.comparison)

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the most that a number may be; without limits where it is none of numbers."""
        low = self.at_least if self.at_least is not None else self.between[0] if self.between else -math.inf
        high = self.at_most if self.at_most is not None else self.between[1] if self.between else math.inf
        return low, high


class Group(Part):
    """Rules and groups of which all, or any one, must be met."""

    all: "tuple[Term, ...] | None" = None
    any: "tuple[Term, ...] | None" = None

    @classmethod
    def of(cls, match: Match, terms: "tuple[Term, ...]") -> "Group":
        return cls(all=terms) if match == "all" else cls(any=terms)

    @field_validator("all", "any", mode="before")
    @classmethod
    def _each_in_words(cls, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            raise ValueError("is not a list of rules; write it as [{ field = …, is = [ … ] }, …]")
        if not value:
            raise ValueError("is empty; give it a rule, or leave it out")
        terms, faults = [], []
        for place, each in enumerate(value, 1):
            try:
                terms.append(_term(each))
            except AgreementError as error:
                faults += [f"rule {place}: {fault}" for fault in error.faults]
        if faults:
            raise AgreementError(tuple(faults))
        return tuple(terms)

    @model_validator(mode="after")
    def _all_or_any(self) -> Self:
        if (self.all is None) == (self.any is None):
            raise ValueError(
                "has neither all nor any" if self.all is None else "has both all and any; nest one in the other"
            )
        return self

    @model_serializer(mode="plain")
    def _as_written(self) -> dict[str, Any]:
        return {self.match: [term.model_dump() for term in self.terms]}

    @property
    def match(self) -> Match:
        return "all" if self.all is not None else "any"

    @property
    def terms(self) -> "tuple[Term, ...]":
        return self.all if self.all is not None else self.any or ()

    @property
    def rules(self) -> "Iterator[Rule]":
        """Every rule in it, in the order in which they are read."""
        for term in self.terms:
            yield from (term,) if isinstance(term, Rule) else term.rules

    @property
    def depth(self) -> int:
        return 1 + max((term.depth for term in self.terms if isinstance(term, Group)), default=0)

    def only(self, kept: "frozenset[Rule]") -> "Group | None":
        """The same with these rules alone; None where none is left."""
        terms = []
        for term in self.terms:
            left = (term if term in kept else None) if isinstance(term, Rule) else term.only(kept)
            if left is not None:
                terms.append(left)
        return Group.of(self.match, tuple(terms)) if terms else None

    def replaced(self, old: Rule, new: Rule) -> "Group":
        """The same with one rule in the place of another."""
        return Group.of(
            self.match,
            tuple(
                term.replaced(old, new) if isinstance(term, Group) else new if term == old else term
                for term in self.terms
            ),
        )


Term = Rule | Group


def _term(value: Any) -> Term:
    """A rule, or a group of them. Raises AgreementError."""
    if isinstance(value, Rule | Group):
        return value
    if not isinstance(value, Mapping):
        raise AgreementError(("is not a rule; write it as { field = …, is = [ … ] }",))
    if _nesting(value) > DEEPEST:
        raise AgreementError((f"groups stand more than {DEEPEST} deep in each other; say it with fewer",))
    is_group = {"all", "any"} & value.keys() and "field" not in value
    return _checked(Group, value) if is_group else _checked(Rule, value)


def _nesting(value: Any) -> int:
    """How deep groups stand in each other, in what may be anything; without recursion, for it may be very deep."""
    deepest, left = 0, [(value, 0)]
    while left:
        each, depth = left.pop()
        if isinstance(each, Group | Mapping):
            inner = each.terms if isinstance(each, Group) else [*_parts(each, "all"), *_parts(each, "any")]
            deepest = max(deepest, depth + bool(inner))
            if deepest > DEEPEST:
                break
            left += [(part, depth + 1) for part in inner]
    return deepest


def _parts(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return list(found) if isinstance(found, list | tuple) else []


def _checked(model: type[Checked], values: Mapping[str, Any]) -> Checked:
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        named = {Rule: "a rule", Group: "a group", MqlDefinition: "[mql]"}.get(model, "[mql]")
        faults = (
            fault.replace("a key of an agreement", f"a key of {named}") for fault in faults_in_words(error, model)
        )
        raise AgreementError(
            tuple(fault.replace(": all: rule", ": rule").replace(": any: rule", ": rule") for fault in faults)
        ) from error


def _group(value: Any) -> Any:
    """What fit or engagement is written as: a group, or a single rule."""
    if value is None or isinstance(value, Group):
        return value
    term = _term(value)
    return Group(all=(term,)) if isinstance(term, Rule) else term


Side = Annotated[Group | None, BeforeValidator(_group)]


class MqlDefinition(BaseModel):
    """What makes a marketing-sourced lead an MQL: it meets `fit` and `engagement`.

    Without either it is whatever the CRM flagged. Keys that are neither are carried along unread, as agreements
    from before there were rules have them; `unread` names them.

    Attributes:
        fit: rules on the company, knowable without talking to anyone.
        engagement: rules on what the lead did.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    fit: Side = None
    engagement: Side = None

    @model_validator(mode="after")
    def _can_be_said(self) -> Self:
        faults = [
            f"{key}: is not a key of [mql]; did you mean {near[0]}?"
            for key in self.unread
            if (near := get_close_matches(key, type(self).model_fields, n=1))
        ]
        if len(tuple(self.rules)) > _MOST_RULES:
            faults.append(f"has {len(tuple(self.rules))} rules; at most {_MOST_RULES} can be held in mind by anybody")
        faults += [
            f"{side}: groups stand more than {DEEPEST} deep in each other; say it with fewer"
            for side in ("fit", "engagement")
            if (group := getattr(self, side)) is not None and group.depth > DEEPEST
        ]
        if faults:
            raise AgreementError(tuple(faults))
        return self

    @property
    def unread(self) -> tuple[str, ...]:
        """The keys that are neither fit nor engagement."""
        return tuple(self.model_extra or ())

    @property
    def groups(self) -> tuple[Group, ...]:
        """Fit and engagement, as far as there are rules for them: all of these must be met."""
        return tuple(group for group in (self.fit, self.engagement) if group is not None)

    @property
    def rules(self) -> Iterator[Rule]:
        for group in self.groups:
            yield from group.rules

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that its rules are on, each once."""
        return tuple(dict.fromkeys(rule.field for rule in self.rules))

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: then an MQL is whatever the CRM flagged."""
        return not self.groups

    def without(self, rule: Rule) -> "MqlDefinition":
        """The same without a rule."""
        kept = frozenset(self.rules) - {rule}
        return MqlDefinition(**{side: group and group.only(kept) for side, group in self._sides.items()})

    def replaced(self, old: Rule, new: Rule) -> "MqlDefinition":
        """The same with one rule in the place of another."""
        return MqlDefinition(**{side: group and group.replaced(old, new) for side, group in self._sides.items()})

    @property
    def _sides(self) -> dict[str, Group | None]:
        return {"fit": self.fit, "engagement": self.engagement}

    @classmethod
    def checked(cls, values: Mapping[str, Any]) -> "MqlDefinition":
        """A definition from plain values. Raises AgreementError with every fault in words."""
        return _checked(cls, values)

    @classmethod
    def from_text(cls, text: str) -> "MqlDefinition":
        """Read a definition file: fit and engagement, or an agreement file, of which [mql] is read.

        Raises AgreementError.
        """
        try:
            values = tomllib.loads(text)
        except RecursionError as error:
            raise AgreementError(("not a definition: its lists are nested too deeply",)) from error
        except ValueError as error:
            raise AgreementError((f"not valid TOML: {error}",)) from error
        found = values.get("mql", values)
        if not isinstance(found, Mapping):
            raise AgreementError(("mql: is not a table; write it as [mql] with fit and engagement under it",))
        if not {"fit", "engagement"} & found.keys():
            raise AgreementError(("has no rules: neither fit nor engagement is in it",))
        return cls.checked(found)

    @classmethod
    def from_toml(cls, path: str | Path) -> "MqlDefinition":
        """Read a definition file. Raises AgreementError, OSError."""
        try:
            return cls.from_text(Path(path).read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise AgreementError((f"the file is not UTF-8 text: {error.reason} at byte {error.start}",)) from error

    def as_written(self) -> dict[str, Any]:
        """Plain values as a file has them: whole numbers without decimals; what is carried along as it was."""
        sides = {side: _whole(group.model_dump()) for side, group in self._sides.items() if group is not None}
        return sides | dict(self.model_extra or {})

    def to_toml(self) -> str:
        """The text of a definition file that `from_toml` reads back unchanged."""
        return tomli_w.dumps(self.as_written())


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
