"""A driver's control chart in a sentence: what it ran, what it ran then, and whether that is like before."""

import numpy as np

from alignment_core.control_charts import Rule
from alignment_core.driver_history import DriverHistory
from alignment_core.vocabulary import RATE_DRIVER, VOLUME_DRIVERS, Stage, Verdict
from alignment_core.wording import DRIVER, SOURCE, STAGE, count, driver_value, in_sentence

__all__ = ["LIMITS_MEANING", "against_words", "history_sentence"]

#: What the limits are, in one line.
LIMITS_MEANING = "the limits are where a quarter like those before falls 997 times in 1,000"
_NUMBER = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_RULE: dict[Rule, str] = {
    "side": "the eighth quarter in a row on the same side of the average",
    "two_of_three": "the second of three quarters far to the same side of the average",
    "trend": "the sixth quarter in a row of one trend",
}
_FROM: dict[str, Stage] = {driver: step[0] for step, driver in RATE_DRIVER.items()}
_SURE: dict[Verdict, str] = {"real": "more than chance", "noise": "within chance"}


def history_sentence(history: DriverHistory) -> str:
    """What the chart shows of the last quarter; why there is none, where there is none."""
    chart = history.chart
    if chart is None:
        return history.too_little
    name = f"{SOURCE[history.source]} {in_sentence(DRIVER[history.driver])}"
    before, now = chart.values[:-1], float(chart.values[-1])
    known = before[~np.isnan(before)]
    quarters = f"{_NUMBER[len(known)] if len(known) < len(_NUMBER) else len(known)} quarters"

    def said(value: float) -> str:
        return driver_value(history.driver, round(value) if history.driver in VOLUME_DRIVERS else value)

    low, high = said(float(known.min())), said(float(known.max()))
    ran = f"{name} ran {low}" if low == high else f"{name} ran {low} to {high}"
    if np.isnan(now):
        return f"{ran} for {quarters}; in {history.quarters[-1]} it is undefined."
    if history.is_running:
        return f"{ran} for {quarters}; it is {said(now)} so far, and the quarter is not over."
    if history.open:
        verb = "is" if history.open == 1 else "are"
        of = f"{history.open:,} of {count(history.records[-1])} {in_sentence(STAGE[_FROM[history.driver]])} {verb} still open"
        return f"{ran} for {quarters}; it is {said(now)} so far, which is not decided yet: {of}."
    limits = f"{said(float(chart.low[-1]))} to {said(float(chart.high[-1]))}"
    rules = chart.at(-1)
    if "beyond" in rules:
        side = "below" if now < chart.centre else "above"
        return f"{ran} for {quarters}, then {said(now)}: {side} the limits ({limits}), unlike the quarters before."
    if rules:
        why = " and ".join(_RULE[rule] for rule in rules)
        return f"{ran} for {quarters}, then {said(now)}: within the limits ({limits}), but {why}."
    return f"{ran} for {quarters}, then {said(now)}: within the limits ({limits}), like the quarters before."


def against_words(history: DriverHistory, verdict: Verdict | None) -> str:
    """What each is held against, where a bar's verdict and its history seem to say otherwise; empty where they do not."""
    chart = history.chart
    if chart is None or history.agreed is None or verdict not in _SURE or history.is_running or history.open:
        return ""
    now, rules = float(chart.values[-1]), chart.at(-1)
    if np.isnan(now):
        return ""
    if verdict == "noise":
        differs = "beyond" in rules
    else:  # as before, or moved from it the other way than from the agreement
        differs = not rules or ("beyond" in rules and (now > chart.centre) != (now > history.agreed))
    if not differs:
        return ""
    return f"That it is {_SURE[verdict]} is held against the agreement, this against the quarters before."
