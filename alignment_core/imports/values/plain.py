"""Text → numbers, shares, yes and no, stages and sources."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from alignment_core.imports.headers import STAGE_NAMES
from alignment_core.imports.values.alike import failures, flat
from alignment_core.imports.values.amounts import Point
from alignment_core.imports.values.money import parse_money
from alignment_core.imports.values.nothing import SPACE
from alignment_core.imports.values.parsed import Parsed
from alignment_core.imports.values.words import parse_words
from alignment_core.vocabulary import Source, Stage

PercentUnit = Literal["percent", "fraction"]

_TRUE = "true t 1 1.0 yes y ja j oui o si sì sí s sim x ✓ ✔ ☑ won gewonnen gagné ganado checked on wahr vrai verdadero vero verdadeiro"
_FALSE = "false f 0 0.0 no n nein non nao não nee ✗ ✘ ☐ lost open offen verloren perdu perdido unchecked off falsch faux falso"
FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(_TRUE.split(), True),
    **dict.fromkeys(_FALSE.split(), False),
    "closed won": True,
    "closed lost": False,
    "not checked": False,
}
#: Whose demand it is, as its letters say it. What only begins so (marketing excluded, Salesforce import) is not said.
SIDES: Mapping[str, Source] = {
    f"{side}{rest}": side
    for side in ("marketing", "sales")
    for rest in ("", "sourced", "generated", "led", "originated", "driven", "source", "demand", "team")
} | {"unassigned": "unassigned"}


@dataclass(frozen=True)
class PercentEvidence:
    """What the shares of a column that have no percent sign say about their unit.

    Attributes:
        signed: how many have a percent sign.
        above: how many without one are above 1 and so can only be percent.
        below: how many lie between 0 and 1.
        ones: how many are 1: all of it, or one in a hundred.
        zeros: how many are 0, which is the same both ways.
        examples: one of each, by these names.
    """

    signed: int = 0
    above: int = 0
    below: int = 0
    ones: int = 0
    zeros: int = 0
    examples: Mapping[str, str] = field(default_factory=dict)

    @property
    def unit(self) -> PercentUnit | None:
        """What numbers without a sign are, where the column decides it or it does not matter; None where it is unknown."""
        if self.undecided or self.contradicts:
            return None
        return "percent" if self.above else "fraction"

    @property
    def undecided(self) -> bool:
        """Whether there is a 1 that nothing in the column decides."""
        return bool(self.ones) and not self.above and not self.below

    @property
    def contradicts(self) -> bool:
        """Whether 45 and 0.45 stand in one column: the latter is less than half of a percent, or 45%."""
        return bool(self.above and self.below)


def parse_number(texts: pa.ChunkedArray, decimal: Point | None = ".") -> Parsed:
    """Counts and sizes, as float64: `12`, `1,234`, `1.5k`. What has a currency is no number.

    Args:
        texts: as written.
        decimal: the decimal point, as for money.
    """
    money = parse_money(texts, decimal)
    priced = pc.is_valid(money.currency)
    values = pc.if_else(priced, pa.scalar(None, pa.float64()), money.values.cast(pa.float64()))
    return Parsed(values, pc.or_(money.failed, priced))


def percent_evidence(texts: pa.ChunkedArray) -> PercentEvidence:
    """Count what each value of a column says about its unit."""
    column = flat(texts)
    values, signed = _shares(column.texts)
    size = np.abs(values)
    masks = {
        "signed": signed & ~np.isnan(size),
        "above": ~signed & (size > 1),
        "below": ~signed & (size > 0) & (size < 1),
        "ones": ~signed & (size == 1),
        "zeros": ~signed & (size == 0),
    }
    weights = column.counts
    counts = {name: int(weights[mask].sum()) for name, mask in masks.items()}
    examples = {name: column.texts[int(mask.argmax())].as_py() for name, mask in masks.items() if mask.any()}
    return PercentEvidence(**counts, examples=examples)


def parse_percent(texts: pa.ChunkedArray, unit: PercentUnit | None = None) -> Parsed:
    """Shares, as float64 from 0 to 1: `45%`, `45,5 %`, and `45` or `0.45` by their unit.

    Args:
        texts: as written. Dot and comma are decimal points both: nobody groups the digits of a share.
        unit: what numbers without a percent sign are. With None they fail, unless they are 0.
    """
    column = flat(texts)
    values, signed = _shares(column.texts)
    divided = signed | (unit == "percent")
    shares = np.where(divided, values / 100, values)
    unknown = ~signed & (values != 0) if unit is None else np.zeros(len(values), dtype=bool)
    read = ~np.isnan(values) & ~unknown
    failed = column.spread(pa.array(failures(column.texts, read)))
    return Parsed(
        column.spread(pa.array(shares, pa.float64(), mask=~read)),
        failed.fill_null(False) if failed.null_count else failed,
    )


def parse_flag(texts: pa.ChunkedArray) -> Parsed:
    """Yes and no, as bool, in the words of several languages; see `FLAGS`."""
    return parse_words(texts, lambda text: FLAGS.get(text.strip(SPACE).lower()), pa.bool_())


def parse_stage(texts: pa.ChunkedArray) -> Parsed:
    """What a column of stages calls them → `mqls`, `sqls`, `opportunities`, `wins`."""
    return parse_words(texts, _stage, pa.string())


def parse_source(texts: pa.ChunkedArray) -> Parsed:
    """`marketing`, `sales` or `unassigned`, in the words that say whose demand it is; see `SIDES`."""
    return parse_words(texts, _source, pa.string())


def letters(text: str) -> str:
    """A text as words of a closed set are compared: its letters a to z, in lower case."""
    return re.sub("[^a-z]", "", text.lower())


def _stage(text: str) -> Stage | None:
    return STAGE_NAMES.get(letters(text))


def _source(text: str) -> Source | None:
    return SIDES.get(letters(text))


def _shares(texts: pa.Array) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The numbers as written, NaN where there is none, and which of them have a percent sign."""
    trimmed = pc.utf8_trim(texts, characters=SPACE)
    signed = pc.ends_with(trimmed, "%").fill_null(False)
    bare = pc.if_else(signed, pc.utf8_slice_codeunits(trimmed, 0, -1), trimmed)  # a second sign stays, and fails
    numbers = parse_number(pa.chunked_array([pc.replace_substring(bare, ",", ".")]), ".").values.combine_chunks()
    return numbers.to_numpy(zero_copy_only=False), np.asarray(signed)
