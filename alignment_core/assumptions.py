"""What is agreed, beside what really ran: a line for each assumption, and a warning for what was never seen."""

from dataclasses import dataclass

from alignment_core.agreement import Agreement
from alignment_core.track_record import ENOUGH, Ran, TrackRecord
from alignment_core.vocabulary import Driver, Source
from alignment_core.wording import DRIVER, SOURCE, driver_value, money_short

__all__ = ["Warned", "beside", "warnings"]

_NUMBER = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_OF: dict[Driver, str] = {"mql_to_sql": "MQLs", "sql_to_opportunity": "SQLs", "close_rate": "opportunities", "deal_size": "wins"}  # fmt: skip


@dataclass(frozen=True)
class Warned:
    """An assumption outside anything that was seen.

    Attributes:
        sentence: "75% MQL → SQL agreed; the last eight quarters ran 52–61%."
        instead: what marketing would owe if it ran as it did, "At 57% marketing would owe 216 MQLs."; else empty.
    """

    source: Source
    driver: Driver
    sentence: str
    instead: str


def beside(ran: Ran | None) -> str:
    """What stands beside an agreed figure: "54–58% in 7 quarters (1,328 MQLs)"."""
    if ran is None:
        return "not recorded in the loaded files"
    quarters = f"{len(ran.by_quarter)} quarter{'' if len(ran.by_quarter) == 1 else 's'}"
    few = ", too few to say" if ran.sample < ENOUGH else ""
    return f"{_range(ran)} in {quarters} ({ran.sample:,} {_of(ran)}{few})"


def warnings(agreement: Agreement, record: TrackRecord) -> tuple[Warned, ...]:
    """The agreed rates and deal sizes that lie outside what ran, largest distance first."""
    found = []
    for (source, driver), ran in record.ran.items():
        plan = getattr(agreement, source)
        agreed = getattr(plan, driver, None)
        if agreed is None or not getattr(agreement.split, source) or not ran.is_outside(agreed):
            continue
        found.append(
            (abs(agreed / ran.pooled - 1), Warned(source, driver, _sentence(ran, agreed), _instead(agreement, ran)))
        )
    return tuple(warned for _, warned in sorted(found, key=lambda each: -each[0]))


def _sentence(ran: Ran, agreed: float) -> str:
    number = len(ran.by_quarter)
    quarters = f"last {_NUMBER[number] if number < len(_NUMBER) else number} quarters" if number > 1 else "last quarter"
    name = DRIVER[ran.driver] if ran.driver.startswith(("mql", "sql")) else DRIVER[ran.driver].lower()
    side = f"{SOURCE[ran.source].lower()} "
    return f"{_exactly(ran, agreed)} {side}{name} agreed; the {quarters} ran {_range(ran)}."


def _instead(agreement: Agreement, ran: Ran) -> str:
    """What marketing would owe at what ran. Where it is planned by segment no single figure says so."""
    if ran.source != "marketing" or agreement.segments:
        return ""
    as_it_ran = round(ran.pooled, 4) if ran.driver != "deal_size" else round(ran.pooled, 2)
    plan = agreement.marketing
    if plan is None or not 1e-6 <= as_it_ran <= (1 if ran.driver != "deal_size" else 1e15):
        return ""
    other = agreement.model_copy(update={"marketing": plan.model_copy(update={ran.driver: as_it_ran})})
    return f"At {_value(ran, ran.pooled)} marketing would owe {other.required_mqls:,} MQLs."


def _range(ran: Ran) -> str:
    low, high = _value(ran, ran.low), _value(ran, ran.high)
    if low == high:
        return low
    return (
        f"{low.removesuffix('%')}–{high}" if ran.driver != "deal_size" or low[-1] != high[-1] else f"{low[:-1]}–{high}"
    )


def _exactly(ran: Ran, agreed: float) -> str:
    """The agreed value, finer where rounding would put it inside the range it is outside of."""
    spoken = _value(ran, agreed)
    return (
        spoken
        if spoken not in (_value(ran, ran.low), _value(ran, ran.high))
        else driver_value(ran.driver, agreed, finer=True)
    )


def _value(ran: Ran, value: float) -> str:
    return money_short(value) if ran.driver == "deal_size" else driver_value(ran.driver, value)


def _of(ran: Ran) -> str:
    return _OF.get(ran.driver, "records")
