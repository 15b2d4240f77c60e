"""What each side owes in pipeline as well as in revenue: opportunities × deal size, and how far it covers the target."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from alignment_core.agreement import Agreement
from alignment_core.sales_channels import ChannelPromise, promises
from alignment_core.vocabulary import Source
from alignment_core.wording import money_short, percent

__all__ = ["Pipeline", "PipelinePlan", "channel_promises", "pipeline"]


@dataclass(frozen=True)
class Pipeline:
    """One side's pipeline, or that of both.

    Attributes:
        opportunities: how many have to be opened (unrounded, as the plan has them).
        value: what they are worth at the agreed deal size, in the agreement's currency.
        revenue: what is to be won of it.
        share_of_revenue, share_of_pipeline: the split (0-1), by what is won and by what is opened. They differ where
            the sides' close rates do.
        coverage: value ÷ revenue: 2.2 is 2.2 of pipeline for every 1 to be won; None where nothing is owed.
    """

    opportunities: float
    value: float
    revenue: float
    share_of_revenue: float
    share_of_pipeline: float
    coverage: float | None


@dataclass(frozen=True)
class PipelinePlan:
    """The pipeline that an agreement takes: by side, and altogether."""

    sides: Mapping[Source, Pipeline]
    total: Pipeline

    @property
    def sentence(self) -> str:
        """What each side opens for what is to be won, and the split of both."""
        owing = {source: side for source, side in self.sides.items() if side.coverage is not None}
        told = [
            f"{source} opens {money_short(side.value)} of pipeline for {money_short(side.revenue)} to win ({side.coverage:.1f} times)"
            for source, side in owing.items()
        ]
        said = "; ".join(told)
        first = next(iter(owing.values()))
        split = ""
        if len(owing) > 1:
            revenue, pipeline = (percent(share) for share in (first.share_of_revenue, first.share_of_pipeline))
            split = f" The split is {revenue} marketing by revenue and {pipeline} by pipeline."
        return f"{said[0].upper()}{said[1:]}.{split}"


def pipeline(agreement: Agreement) -> PipelinePlan:
    """What each side owes in pipeline. Segments are valued at their own deal size."""
    sums = {
        source: tuple(
            sum((part(cell) for cell in cells.values()), Fraction(0)) for part in (_opportunities, _value, _revenue)
        )
        for source, cells in agreement.segment_cells.items()
    }
    whole = tuple(sum((side[place] for side in sums.values()), Fraction(0)) for place in range(3))
    return PipelinePlan({source: _pipeline(side, whole) for source, side in sums.items()}, _pipeline(whole, whole))


def channel_promises(agreement: Agreement) -> tuple[ChannelPromise, ...]:
    """What each channel of sales owes; none where no channels were agreed, or sales owes nothing."""
    sqls = sum((cell["sqls"] for cell in agreement.segment_cells.get("sales", {}).values()), Fraction(0))
    return promises(agreement.sales_channels, sqls) if sqls else ()


def _opportunities(cell: Mapping[str, Fraction]) -> Fraction:
    return cell["opportunities"]


def _value(cell: Mapping[str, Fraction]) -> Fraction:
    return cell["opportunities"] * cell["revenue"] / cell["wins"] if cell["wins"] else Fraction(0)


def _revenue(cell: Mapping[str, Fraction]) -> Fraction:
    return cell["revenue"]


def _pipeline(part: tuple[Fraction, ...], whole: tuple[Fraction, ...]) -> Pipeline:
    opportunities, value, revenue = part
    return Pipeline(
        opportunities=float(opportunities),
        value=float(value),
        revenue=float(revenue),
        share_of_revenue=float(revenue / whole[2]),
        share_of_pipeline=float(value / whole[1]),
        coverage=float(value / revenue) if revenue else None,
    )
