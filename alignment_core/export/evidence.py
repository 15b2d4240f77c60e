"""The sheets "Data quality", "Method" and "Checks": what the numbers rest on, and how to check them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from alignment_core.agreement import Agreement
from alignment_core.export.sheets import COLOUR, Book, Cell, Page, rows_needed
from alignment_core.results import Review
from alignment_core.vocabulary import DRIVERS, RATE_DRIVERS, Driver, Owner
from alignment_core.wording import BASIS, DRIVER, MEANING, METHOD, METHOD_MEANING, OWNER, driver_value, note, percent

__all__ = ["SourceFile", "write_checks", "write_data_quality", "write_method"]

#: More faults than anybody reads; what is left out is said.
_MOST_FAULTS = 5_000

_BASIS_MEANING = {
    "period": "Counted is every event dated in the quarter, whatever quarter it started in, so wins tie to bookings.",
    "cohort": "Counted are the MQLs that became MQLs in the quarter, and what had become of them by the as-of date.",
}

_AMENDED = (
    "The bridge begins at the plan that was first signed. Each amendment is a bar of its own: what both sides owe after it "
    "− what they owed before it. Drivers are held against the plan in force, and so is every variance but the one called "
    "as first signed. First plan + amendments + drivers = actual."
)

_SOURCES = (
    "Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307–317.",
    "Das Gupta, P. (1993). Standardization and decomposition of rates: a user's manual. US Bureau of the Census, P23-186.",
    "Sun, Y. & Sundararajan, M. (2011). Axiomatic attribution for multilinear functions. arXiv:1102.0989.",
    "Ang, B. W. (2005). The LMDI approach to decomposition analysis: a practical guide. Energy Policy 33, 867–871.",
)

_HOW_TO_CHECK = (
    "1. The sheet Checks: every line must read TRUE. Change a blue cell and they still must, except those of effects by {method}, which are values.",
    "2. Plan and Actual: compare the blue counts with your CRM. Every rate, variance and effect in funnel order follows from them by a formula you can read.",
    "3. Data quality: the sha256 of each file says whether it is the file you have. Rows used and rows set aside add up to the rows read.",
    "4. Compare both columns of effects: where they differ much, the order of the steps matters, and the range over all orders on the Summary says how much.",
)


@dataclass(frozen=True)
class SourceFile:
    """A file that the review was made from.

    Attributes:
        sha256: of its bytes, in hexadecimal.
        understood_as: which table it was read as.
    """

    name: str
    sha256: str
    understood_as: str
    rows_read: int
    rows_used: int


def write_data_quality(book: Book, page: Page, review: Review, files: Sequence[SourceFile]) -> None:
    """What became of every row, where the rows came from, what is wrong with them, and what to know."""
    quality = review.quality
    page.title(
        "Data quality", "Every row that was read is used or set aside; what is set aside is listed with the reason."
    )
    page.header(3, ("Rows", "Number"))
    labels = ("Rows read", "Rows used", "Rows set aside")
    values = (quality.rows_read, quality.rows_used, quality.rows_set_aside)
    for place, label in enumerate(labels):
        page.text(4 + place, 0, label)
    read, used, aside = (page.input(4 + place, 1, value, "#,##0") for place, value in enumerate(values))
    page.text(7, 0, "Used + set aside", top=1)
    both = page.formula(7, 1, f"{used.here}+{aside.here}", used.number + aside.number, "#,##0", top=1)
    book.check("Rows: used + set aside = read", both, read)

    row = 9
    if files:
        row = _files(book, page, row, files, read, used)
    if review.notes:
        page.heading(row, "What to know")
        for place, said in enumerate(review.notes, 1):
            page.wide(row + place, 0, len(page.widths) - 1, note(said))
        row += len(review.notes) + 2
    page.heading(row, "Faults")
    if not quality.faults:
        page.text(row + 1, 0, "None was found.")
        return
    page.header(row + 1, ("File", "Row", "Column", "Value", "Reason", "Remedy", "Rows", "Set aside"), text_columns=6)
    row += 2
    for fault in quality.faults[:_MOST_FAULTS]:
        where = "" if fault.row is None else f"{fault.row:,}"
        told = (fault.file, where, fault.column or "", fault.value or "", fault.reason, fault.remedy)
        _wrapped(page, row, told)
        page.input(row, 6, fault.rows, "#,##0")
        page.text(row, 7, "yes" if fault.sets_aside else "no", align="right")
        row += 1
    if len(quality.faults) > _MOST_FAULTS:
        page.text(row, 0, f"… and {len(quality.faults) - _MOST_FAULTS:,} more.", italic=True)


def _files(book: Book, page: Page, row: int, files: Sequence[SourceFile], read: Cell, used: Cell) -> int:
    page.heading(row, "Files")
    page.header(row + 1, ("File", "Understood as", "", "sha256", "", "", "Read", "Used", "Set aside"), text_columns=6)
    row += 2
    counts: list[tuple[Cell, Cell]] = []
    for file in files:
        _wrapped(page, row, (file.name,))
        for first, last, text in ((1, 2, file.understood_as.replace("_", " ")), (3, 5, file.sha256)):
            page.sheet.merge_range(row, first, row, last, "", page.book.format())
            page.text(row, first, text)
        cells = page.input(row, 6, file.rows_read, "#,##0"), page.input(row, 7, file.rows_used, "#,##0")
        page.formula(row, 8, f"{cells[0].here}-{cells[1].here}", file.rows_read - file.rows_used, "#,##0")
        counts.append(cells)
        row += 1
    for column in range(6):
        page.text(row, column, "All files" if not column else "", bold=True, top=1)
    totals = [
        page.total(row, 6 + place, [pair[place] for pair in counts], "#,##0", bold=True, top=1) for place in (0, 1)
    ]
    difference = totals[0].number - totals[1].number
    page.formula(row, 8, f"{totals[0].here}-{totals[1].here}", difference, "#,##0", bold=True, top=1)
    book.check("Rows: the files' rows read add up", totals[0], read)
    book.check("Rows: the files' rows used add up", totals[1], used)
    return row + 2


def write_method(page: Page, review: Review, agreement: Agreement, files: Sequence[SourceFile]) -> None:
    """What was done, what the words mean, what was agreed, and how to check it."""
    page.title("Method", "How the numbers came about, what the words mean, and how to check them.")
    row = 3
    for heading, parts in _method(review, agreement, files):
        page.text(row, 0, heading, bold=True, font_size=12, top=1, text_wrap=True)
        for place, part in enumerate(parts):
            name, text, colour = part if isinstance(part, tuple) else ("", part, None)
            look = {"font_color": colour} if colour else {}
            edge = int(not place)
            page.sheet.write_string(row, 1, name, page.book.format(text_wrap=True, top=edge, **look))
            page.text(row, 2, text, text_wrap=True, top=edge)
            page.height(row, max(rows_needed(text, page.widths[2]), rows_needed(name, page.widths[1])))
            row += 1


_Part = str | tuple[str, str, str | None]


def _method(review: Review, agreement: Agreement, files: Sequence[SourceFile]) -> Iterable[tuple[str, Sequence[_Part]]]:
    method = METHOD[review.method]
    yield (
        "Bridge",
        [
            (method, f"{METHOD_MEANING[review.method].capitalize()}.", None),
            (
                "",
                "Revenue of each source is a product: volume × conversion rates × deal size. The effects add up to the variance exactly.",
                None,
            ),
            *(
                []
                if review.method == "sequential"
                else [("Funnel order", f"Shown beside it as live formulas: {METHOD_MEANING['sequential']}.", None)]
            ),
            *([("Amendments", _AMENDED, None)] if review.amendments else []),
            ("Least, largest", "The least and the largest effect that any order of the drivers gives.", None),
            (
                "Undefined",
                "A rate from a stage that nothing reached, or a deal size without wins, has no value: it takes the other side's and has no effect.",
                None,
            ),
            (
                "Not recorded",
                "A stage that nobody recorded is left out, not invented: the two rates around it become one driver.",
                None,
            ),
        ],
    )
    yield "Sign", ["Variance is actual − plan. Positive is favourable for revenue."]
    yield (
        "Basis",
        [
            (
                BASIS[review.basis].capitalize(),
                _BASIS_MEANING[review.basis] + f" Events count up to {review.as_of.isoformat()}.",
                None,
            )
        ],
    )
    yield (
        "Rounding",
        [
            "Nothing is rounded but what is shown; amounts agree to the cent. Required volume is rounded up once, at the end. "
            "The bridge starts at the revenue target itself, with volumes unrounded."
        ],
    )
    yield (
        "Colours",
        [
            (
                "Blue",
                "Inputs: numbers from the agreement, the files or the review, and cells to type into.",
                COLOUR["input"],
            ),
            ("Black", "Formulas on the same sheet.", COLOUR["formula"]),
            ("Green", "Links to a cell of another sheet.", COLOUR["link"]),
            ("Chart", "Plan grey, actual dark, favourable blue, unfavourable orange; every bar has its sign.", None),
        ],
    )
    shown: list[Driver] = [
        driver for driver in DRIVER if driver in {bar.driver for bar in (*review.bars, *review.segment_bars)}
    ]
    yield (
        "Drivers",
        [(DRIVER[driver], MEANING[driver][0].upper() + MEANING[driver][1:] + ".", None) for driver in shown],
    )
    yield "Agreement", _agreed(agreement)
    if files:
        yield (
            "Files",
            [(file.understood_as.replace("_", " "), f"{file.name} (sha256 {file.sha256})", None) for file in files],
        )
    yield "Sources", _SOURCES
    yield (
        "How to check",
        [line.format(method=method) for line in _HOW_TO_CHECK[: 3 if review.method == "sequential" else 4]],
    )


def _fiscal_year(agreement: Agreement) -> str:
    """Where an agreement's fiscal years lie."""
    weeks = agreement.calendar
    if weeks is None:
        return f"fiscal year starts in month {agreement.fiscal_year_start_month}"
    nearest = "nearest to the end" if weeks.year_ends == "nearest" else "last in the month"
    return f"fiscal year of weeks, {weeks.weeks}, ends on the {weeks.weekday} {nearest} of month {weeks.month}"


def _agreed(agreement: Agreement) -> list[_Part]:
    terms: list[_Part] = [
        (
            "Made for",
            f"{agreement.company}, {agreement.quarter} ({_fiscal_year(agreement)}; time zone {agreement.timezone})",
            None,
        ),
        ("Revenue target", f"{agreement.currency} {agreement.revenue_target:,.0f}", None),
        (
            "Split",
            f"marketing {percent(agreement.split.marketing, 1)}, sales {percent(agreement.split.sales, 1)}",
            None,
        ),
    ]
    for name, plan in (("Marketing", agreement.marketing), ("Sales", agreement.sales)):
        if plan is not None:
            values = cast(Mapping[Driver, float], plan.model_dump())
            told = [f"{DRIVER[each]} {_term(each, values[each])}" for each in DRIVERS if each in values]
            terms.append((name, ", ".join(told), None))
    if agreement.required_mqls:
        terms.append(("MQLs owed", f"{agreement.required_mqls:,}", None))
    owners = cast(Mapping[Driver, Owner], agreement.owners.model_dump())
    terms.append(
        ("Who answers", ", ".join(f"{DRIVER[driver]}: {OWNER[owner]}" for driver, owner in owners.items()), None)
    )
    sourcing = agreement.sourcing
    terms.append(("Marketing's sources", ", ".join(sourcing.marketing) or "none", None))
    terms.append(("Sales' sources", ", ".join(sourcing.sales) or "none", None))
    terms.append(("Any other source", f"counts as {sourcing.otherwise}", None))
    if agreement.segments is not None:
        terms.append(("Plans per segment", agreement.segments.field.replace("_", " "), None))
    return terms


def _term(driver: Driver, value: float) -> str:
    return percent(value, 1) if driver in RATE_DRIVERS else driver_value(driver, value, finer=True)


def write_checks(book: Book, page: Page) -> Cell:
    """Every promise that two cells read the same, and one cell that says whether all hold."""
    page.title("Checks", "Every line must read TRUE: both cells are the same to the cent.")
    page.text(3, 0, "All checks", bold=True)
    page.header(5, ("Check", "This", "equals that", "Difference", "Holds"))
    row = 6
    for check in book.checks:
        page.text(row, 0, check.label, text_wrap=True)
        page.height(row, rows_needed(check.label, page.widths[0]))
        one, other = page.link(row, 1, check.one, "#,##0.00"), page.link(row, 2, check.other, "#,##0.00")
        difference = page.formula(row, 3, f"{one.here}-{other.here}", one.number - other.number, "0.00")
        page.formula(row, 4, f"ABS({difference.here})<MAX(0.005,ABS({one.here})*1E-12)", check.holds, "General")
        row += 1
    held = all(check.holds for check in book.checks)
    answer = page.formula(3, 4, f"AND(E7:E{row})", held, "General", bold=True)
    warning = {"type": "cell", "criteria": "==", "value": "FALSE", "format": book.format(bg_color="#FBE0CC", bold=True)}
    for first, last in ((3, 3), (6, row - 1)):
        page.sheet.conditional_format(first, 4, last, 4, warning)
    return answer


def _wrapped(page: Page, row: int, texts: Sequence[str]) -> None:
    """A row of texts, each wrapped in its column, as high as the longest needs."""
    for column, text in enumerate(texts):
        page.text(row, column, text, text_wrap=True)
    page.height(row, max(rows_needed(text, page.widths[column]) for column, text in enumerate(texts)))
