"""What is decided where systems disagree on how records count, and the rates that money is converted with."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any, Literal, get_args

__all__ = ["OPTIONS", "Choices"]


@dataclass(frozen=True)
class Choices:
    """One decision for each doubtful situation. `wording.CHOICE` says each in a sentence.

    Attributes:
        skipped_stages: whether a record with a later stage's date has passed the stages that it has no date for.
            By basis: on cohort basis it has, on period basis it has not.
        repeated_mql: which date counts where a lead became an MQL again.
        same_record: a lead or deal whose id stands in several rows, as in two files of one kind. Counted once, a
            lead has the earliest date of each stage, and a deal is as the row has it that knows it won, or closed.
        same_email: leads that share an e-mail address (column `email_key`, a code of it).
        wins_without_amount: at zero, at the average of the quarter's other wins of the source, or no win at all.
        zero_or_negative_amounts: wins of zero or less.
        out_of_order: records that reached a later stage on an earlier day.
        deals_without_lead: deals that no loaded lead is linked to.
        several_deals: leads linked to several deals. Once: the deal that was won first, or else the first made.
        converted_without_deal: leads that say when they became an opportunity or a win, of which no deal was loaded.
        rates: what one unit of a currency is worth in the agreement's.
    """

    skipped_stages: Literal["by basis", "counted as passed", "not counted"] = "by basis"
    repeated_mql: Literal["first", "latest"] = "first"
    same_record: Literal["count once", "count each"] = "count once"
    same_email: Literal["count each", "count once"] = "count each"
    wins_without_amount: Literal["at zero", "at the average", "left out"] = "at zero"
    zero_or_negative_amounts: Literal["as they are", "left out"] = "as they are"
    out_of_order: Literal["as dated", "left out"] = "as dated"
    deals_without_lead: Literal["counted", "left out"] = "counted"
    several_deals: Literal["each counts", "once"] = "each counts"
    converted_without_deal: Literal["left out", "as the lead says"] = "left out"
    rates: tuple[tuple[str, Decimal], ...] = ()

    def but(self, choice: str, option: str) -> "Choices":
        """The same with another option for one choice. Raises KeyError, ValueError for what is none."""
        if option not in OPTIONS[choice]:
            raise ValueError(f"{option!r} is none of {', '.join(OPTIONS[choice])}")
        changed: dict[str, Any] = {choice: option}
        return replace(self, **changed)

    @property
    def changed(self) -> Mapping[str, str]:
        """What was chosen otherwise than by default."""
        return {name: value for name in OPTIONS if (value := getattr(self, name)) != getattr(Choices, name)}


#: The options of each choice; the first is the default.
OPTIONS: Mapping[str, tuple[str, ...]] = {
    each.name: get_args(each.type) for each in fields(Choices) if each.name != "rates"
}
