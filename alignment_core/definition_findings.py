"""What is said of a definition of an MQL: its answer in a sentence, warnings, and why a lead is counted otherwise."""

from alignment_core.definition import Rule
from alignment_core.definition_lint import Warned
from alignment_core.definition_words import rule_words
from alignment_core.replay import Replay, Replayed
from alignment_core.wording import count, money_short, percent, period

__all__ = ["OWED_MEANING", "answer", "caveats", "warned"]

OWED_MEANING = (
    "MQLs owed a quarter. By value: marketing's revenue ÷ the revenue that each of these MQLs really brought. By rates: the SQLs "
    "that the agreement's later rates and deal size ask for ÷ the MQL→SQL that these MQLs really had. Both rounded up once."
)


def warned(said: Warned, currency: str) -> str:
    """A warning in sentences."""
    rule = f"“{rule_words(said.rule)}”" if said.rule else ""
    values = said.values
    match said.code:
        case "of_a_person":
            return (
                f"{rule}: what somebody is (role, title, seniority, department) is known for certain only by talking to them, "
                f"and such a rule keeps out the people who do the research. {_cost(said, currency)}"
            )
        case "of_a_talk":
            return (
                f"{rule}: budget, authority, need and timing are known only by talking to somebody. Whether they are there is what "
                f"makes an SQL, not an MQL. {_cost(said, currency)}"
            )
        case "not_loaded":
            there = values["there"]
            named = ", ".join(str(name).replace("_", " ") for name in there) if isinstance(there, tuple) else ""
            return f"{rule}: the loaded leads don't carry this field, so it cannot be replayed. They carry {named or 'none'}."
        case "contradiction":
            other = values["other"]
            also = rule_words(other) if isinstance(other, Rule) else ""
            return (
                f"{rule} and “{also}” must both be met, and nothing can meet both. Change one, or let any of them do."
            )
        case "nobody":
            return f"{rule}: none of the {count(_number(values['leads']))} leads of the last year met it. Look for another spelling, or leave it out."
        case "everybody":
            return f"{rule}: each of the {count(_number(values['leads']))} leads of the last year met it, so it decides nothing."
        case "mostly_missing":
            return f"{rule}: {percent(_number(values['share']))} of the last year's leads have no value there, so it decides by what was filled in."
        case "unread":
            keys = values["keys"]
            listed = ", ".join(keys) if isinstance(keys, tuple) else ""
            return (
                f"[mql] also has {listed}, which is no rule and is not read. Write it as a rule of fit or engagement."
            )


def _cost(said: Warned, currency: str) -> str:
    if "excluded" not in said.values:
        return "No such field is loaded, so your own data cannot show what it would cost."
    excluded, wins = _number(said.values["excluded"]), _number(said.values["wins"])
    where = (
        "from perfect-fit companies (they meet every other fit rule)"
        if said.values["perfect_fit"]
        else "of any company"
    )
    if not excluded:
        return "In the last year it would have kept nobody out."
    worth = said.values["revenue"]
    valued = f" worth {currency} {money_short(_number(worth))}" if worth is not None and wins else ""
    return f"In the last year it would have excluded {count(excluded)} {_leads(excluded)} {where}, of which {count(wins)} became wins{valued}."


def _leads(number: float) -> str:
    return "lead" if number == 1 else "leads"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def answer(row: Replayed) -> str:
    """What a definition came to in the last quarter looked back on, in one sentence."""
    quarter, last = row.by_quarter[-1]
    met = "were flagged as MQLs in the CRM" if row.definition is None or row.definition.is_empty else "met this"
    when = period(quarter)
    said = f"{count(last.mqls)} {_leads(last.mqls)} in {when} {met}"
    if last.mql_to_sql is None:
        return f"{said}." if last.mqls else f"No lead in {when} {met}."
    open_ = f" ({count(last.open_sql)} still open)" if last.open_sql else ""
    return f"{said}; {percent(last.mql_to_sql)} became SQLs so far{open_}."


def caveats(found: Replay) -> tuple[str, ...]:
    """What the reader of a replay must know."""
    said = [
        f"{row.name}: the CRM never flagged {count(row.unflagged)} of these {count(row.whole.mqls)} leads, so hardly anybody worked them; "
        "their conversion says what was made of them, not what they could have brought."
        for row in found.rows
        if row.unflagged
    ]
    if any(row.whole.open_sql is None for row in found.rows):
        said.append("The leads' dates of being given up are not loaded, so how many are still open cannot be told.")
    if found.undated:
        said.append(f"{count(found.undated)} leads have no date at all and are in no quarter.")
    return tuple(said)
