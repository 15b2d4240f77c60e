"""Where an agreement assumes what never ran: a plain sentence for each figure outside its track record."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from alignment_core.agreement import Agreement
from alignment_core.agreement_parts import exact
from alignment_core.track_record import Evidence, TrackRecord
from alignment_core.vocabulary import CHAIN, RATE_DRIVER, RATE_DRIVERS, VOLUME_STAGE, Driver, Source
from alignment_core.wording import DRIVER, SOURCE, STAGE, count, in_sentence, money, money_short, percent

__all__ = ["Outside", "agreed_value", "beside", "warnings"]

_STEP = {driver: step for step, driver in RATE_DRIVER.items()}
#: Half of the last digit with which a rate is agreed and written, 0.01%; of a count and an amount, of a whole one.
_RATE_ROUNDS, _WHOLE_ROUNDS = 0.00005, 0.5
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True)
class Outside:
    """An agreed figure that lies outside what ran.

    Attributes:
        evidence: what ran.
        agreed: the figure (rate 0-1, count or currency).
        above: whether it lies above everything that ran (else below).
        sentence: said in a sentence: `75% agreed; the last eight quarters ran 52–61%.`
        consequence: what would be owed if it runs as it did; empty for volumes.
        title: which figure: `Marketing-sourced MQL → SQL`.
    """

    evidence: Evidence
    agreed: float
    above: bool
    title: str
    sentence: str
    consequence: str


def beside(evidence: Evidence | None) -> str:
    """What stands beside an agreed figure: `ran 54–58% in 7 quarters; 57% of 1,328 MQLs, 95% range 54–59%`."""
    if evidence is None:
        return "not recorded in the loaded files"
    if evidence.low is None or evidence.high is None:
        return evidence.too_little
    first = "wins" if evidence.driver == "deal_size" else _STEP[evidence.driver][0]
    quarters = sum(1 for each in evidence.quarters if each.value is not None)
    write = percent if evidence.driver in RATE_DRIVERS else money_short
    said = f"ran {_span(write, evidence.low, evidence.high)} in {quarters} quarters"
    counted = f"{count(evidence.of)} {in_sentence(STAGE[first])}"
    if evidence.interval is None:
        return f"{said} ({counted})"
    together = f"{write(evidence.pooled)} {'of' if evidence.driver in RATE_DRIVERS else 'over'} {counted}"
    return f"{said}; {together}, 95% range {_span(write, *evidence.interval)}"


def _span(write: Callable[[float | None], str], low: float, high: float) -> str:
    """Two values as a range, the unit once: 54–58%."""
    least, most = write(low), write(high)
    return least if least == most else f"{_without_unit(least, most)}–{most}"


def warnings(agreement: Agreement, record: TrackRecord) -> tuple[Outside, ...]:
    """The agreed figures outside both the range over the quarters and the interval of all quarters together.

    A value that no quarter reached and that chance still allows is no warning; where there is too little to compare with
    (`Evidence.too_little`) there is none either. Evidence per segment is held against plans per segment of that field only.
    """
    if record.by and (agreement.segments is None or agreement.segments.field != record.by):
        return ()
    found = (_outside(agreement, evidence) for evidence in record.evidence)
    return tuple(each for each in found if each is not None)


def agreed_value(agreement: Agreement, source: Source, driver: Driver, segment: str | None = None) -> Fraction | None:
    """What an agreement says of a driver, exactly: of one that merges several, their product; over all segments, the
    plan's own average. None where the side (or the segment) owes nothing."""
    cells = agreement.segment_cells.get(source, {})
    chosen = list(cells.values()) if segment is None else [cells[segment]] if segment in cells else []

    def owed(stage: str) -> Fraction:
        return sum((cell.get(stage, Fraction(0)) for cell in chosen), Fraction(0))

    if driver in VOLUME_STAGE:
        return owed(VOLUME_STAGE[driver]) or None
    before, after = ("wins", "revenue") if driver == "deal_size" else _STEP[driver]
    return owed(after) / owed(before) if owed(before) else None


def _outside(agreement: Agreement, evidence: Evidence) -> Outside | None:
    agreed = agreed_value(agreement, evidence.source, evidence.driver, evidence.segment)
    low, high = evidence.low, evidence.high
    if agreed is None or low is None or high is None or evidence.too_little:
        return None
    value = float(math.ceil(agreed)) if evidence.driver in VOLUME_STAGE else float(agreed)
    least, most = evidence.interval or (low, high)
    # A plan made of what ran has its figures rounded, and is not outside of what it was made of.
    rounds = _RATE_ROUNDS if evidence.driver in RATE_DRIVERS else _WHOLE_ROUNDS
    above = agreed > max(high, most) + rounds
    if not above and agreed >= min(low, least) - rounds:
        return None
    write, said, least_said, most_said = _written(evidence.driver, value, low, high)
    ran = most_said if least_said == most_said else f"{_without_unit(least_said, most_said)}–{most_said}"
    title = f"{SOURCE[evidence.source]} {in_sentence(DRIVER[evidence.driver])}"
    title += f", {evidence.segment}" if evidence.segment else ""
    quarters = sum(1 for each in evidence.quarters if each.value is not None)
    if evidence.driver in VOLUME_STAGE:
        sentence = (
            f"{said} {STAGE[VOLUME_STAGE[evidence.driver]]} owed; the last {_number(quarters)} quarters brought {ran}."
        )
        return Outside(evidence, value, above, title, sentence, "")
    sentence = f"{said} agreed; the last {_number(quarters)} quarters ran {ran}."
    return Outside(evidence, value, above, title, sentence, _consequence(agreement, evidence, agreed, write))


def _written(
    driver: Driver, value: float, low: float, high: float
) -> tuple[Callable[[float | None], str], str, str, str]:
    """How to write the driver, and three values, as roughly as still shows that the first lies outside the others."""
    ways: list[Callable[[float | None], str]]
    if driver in RATE_DRIVERS:
        ways = [partial(percent, decimals=decimals) for decimals in (0, 1, 2)]
    else:
        ways = [count] if driver in VOLUME_STAGE else [money_short, money]
    for write in ways:
        said = (write(value), write(low), write(high))
        if said[0] not in said[1:]:
            break
    return write, *said


def _consequence(
    agreement: Agreement, evidence: Evidence, agreed: Fraction, write: Callable[[float | None], str]
) -> str:
    """What the side would owe at what ran, as that is written: at 57% marketing would owe 216 MQLs, not 164."""
    if not evidence.pooled:
        return ""
    shown = _as_written(evidence, write)
    first = CHAIN[evidence.source][0]
    cells = agreement.segment_cells[evidence.source]
    owed = sum((cell[first] for cell in cells.values()), Fraction(0))
    moved = owed if evidence.segment is None else cells[evidence.segment][first]
    would = math.ceil(owed - moved + moved * agreed / shown)
    now = math.ceil(owed)
    if would == now:
        return ""
    return f"At {write(float(shown))} {evidence.source} would owe {would:,} {STAGE[first]}, not {now:,}."


def _as_written(evidence: Evidence, write: Callable[[float | None], str]) -> Fraction:
    """The pooled value as it is said, so that who calculates with what is said gets what is said."""
    pooled = float(evidence.pooled or 0.0)
    if evidence.driver in RATE_DRIVERS:
        said = write(pooled).removesuffix("%").replace(",", "")
        return Fraction(said) / 100 if Fraction(said) else exact(pooled)
    return exact(round(pooled, -2 if pooled >= 10_000 else 0)) if write is money_short else exact(round(pooled))


def _without_unit(text: str, other: str) -> str:
    """52–61% and 28–33k, but 900–1.2k."""
    return text[:-1] if text[-1] == other[-1] and not text[-1].isdigit() else text


def _number(quarters: int) -> str:
    return _NUMBERS[quarters] if quarters < len(_NUMBERS) else str(quarters)
