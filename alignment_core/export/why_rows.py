"""On the sheet "Summary": what moved each conversion, part by part, under the bridge."""

from itertools import groupby

from alignment_core.export.sheets import SIGNED, Page
from alignment_core.results import Review, Why
from alignment_core.vocabulary import Driver, Source
from alignment_core.why_words import PART, part_owner
from alignment_core.wording import DRIVER, SOURCE

__all__ = ["write_why"]

_WORD = {"real": "real", "noise": "chance", "undecided": "undecided"}


def write_why(page: Page, row: int, review: Review) -> int:
    """Write the block; nothing where the review does not say why. Returns the next free row."""
    if not review.why:
        return row
    page.heading(row, f"Why each conversion moved, {review.currency}: the parts of a bar sum to it")
    page.header(
        row + 1,
        ("Source", "Driver", "Owner", "Part", "", "Effect", "", "", "", "", "Is it real?", "Least, by chance", "Largest, by chance"),
        text_columns=5,
    )  # fmt: skip
    row += 2
    bars = {(bar.source, bar.driver): bar for bar in review.bars}

    def key(part: Why) -> tuple[Source, Driver]:
        return part.source, part.driver

    for (source, driver), parts in groupby(review.why, key):
        written = []
        for part in parts:
            texts = (SOURCE[source], DRIVER[driver], part_owner(bars[source, driver], part.part), PART[part.part])
            for column, text in enumerate(texts):
                page.text(row, column, text)
            written.append(page.input(row, 5, part.effect, SIGNED))
            page.text(row, 10, _WORD.get(part.verdict or "", ""), indent=1)
            for column, end in enumerate(part.interval or (), 11):
                page.input(row, column, end, SIGNED)
            row += 1
        page.text(row, 0, "The bar", bold=True, top=1)
        for column in (1, 2, 3, 4):
            page.text(row, column, "", top=1)
        page.total(row, 5, written, SIGNED, bold=True, top=1)
        row += 1
    return row
