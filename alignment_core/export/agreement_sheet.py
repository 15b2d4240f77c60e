"""The agreement as a sheet of one page to print and sign (XLSX): its chain is live formulas over what was agreed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from alignment_core.agreement import Agreement, SalesPlan
from alignment_core.export.agreement_terms import (
    SIDES,
    AgreementTerms,
    Printing,
    Section,
    lead,
    paper,
    printable,
    sections,
    title,
    version_line,
)
from alignment_core.export.one_page import LINES, fitted, lines_of, shortened
from alignment_core.export.sheets import FAINT, INK, MONEY, Book, Cell, Page, count_format, rows_needed
from alignment_core.vocabulary import Source
from alignment_core.wording import DRIVER, SOURCE, day

__all__ = ["write_agreement_sheet"]

#: A line under a figure, lighter than one around a table.
_HAIR = "#DDE3E8"
#: More than what floating point loses in such a product, less than what anybody could mean: 164 stays 164.
_SLACK = "1E-14"
#: Columns: a term's heading, the rest of a label, one side, the other. The sides are in the last two.
_WIDTHS = (21, 19, 25, 25)
_SIDE: Mapping[Source, int] = {"marketing": 2, "sales": 3}
#: The terms' column in points.
_TERMS_WIDTH = 375.0

#: The chain: what it is called, its name in a plan or of a stage, and its number's format (None for counts).
_RATES = ("close_rate", "sql_to_opportunity", "mql_to_sql")
_FORMULA = {
    "wins": "{revenue}/{deal_size}",
    "opportunities": "{wins}/{close_rate}",
    "pipeline": "{opportunities}*{deal_size}",
    "sqls": "{opportunities}/{sql_to_opportunity}",
    "mqls": "{sqls}/{mql_to_sql}",
}
_NAMES = ("revenue", "deal_size", "wins", "close_rate", "opportunities", "pipeline", "sql_to_opportunity", "sqls", "mql_to_sql", "mqls")  # fmt: skip


def write_agreement_sheet(
    agreement: Agreement, terms: AgreementTerms = AgreementTerms(), printing: Printing = Printing()
) -> bytes:
    """The agreement as a workbook: the sheet to sign, with plans per segment a sheet of them, and an annex if it takes one.

    Args:
        agreement: what is to be signed.
        terms: the words of the terms that are not numbers.
        printing: the version, its content hash, and the signatures that were given.
    """
    company, quarter = title(agreement)
    book = Book(
        title=f"Agreement, {company}, {quarter}"[:200],
        subject=version_line(agreement, printing),
        created=datetime.now(UTC).replace(tzinfo=None),
        footer=company,
        paper=paper(agreement),
    )
    page = _portrait(book, "Agreement", _WIDTHS, agreement, printing, one_page=True)
    target, shares = _target(page, 5, agreement)
    by_segment = _segments(book, agreement, printing, target, shares)
    front = fitted(sections(agreement, terms), (), lines=LINES[paper(agreement)] - 2, width=_TERMS_WIDTH, size=10)

    last = len(_WIDTHS) - 1
    page.text(0, 0, "SALES AND MARKETING AGREEMENT", font_color=FAINT, font_size=8)
    shown = shortened(company, 2, 440, 16)
    page.wide(1, 0, last, shown, bold=True, font_size=16)
    page.text(2, 0, quarter, font_color=FAINT, font_size=11)
    page.wide(3, 0, last, lead(agreement))
    row = _figures(page, 8, agreement, target, shares, by_segment)
    if agreement.segments:
        said = f"Plans by {printable(agreement.segments.field).replace('_', ' ')} are on the sheet Segments, a part of this agreement."
        page.wide(row, 0, last, shortened(said, 2, 440, 8), font_color=FAINT, font_size=8)
        row += 1
    row = _terms(page, row + 1, front.sections)
    row = _signatures(page, row + 1, printing)
    page.sheet.print_area(0, 0, row, last)
    if front.has_annex or shown != company:
        annex = _portrait(book, "Annex", _WIDTHS, agreement, printing)
        annex.title("Annex", "What the page has no room for; it is a part of the agreement.")
        named = (Section("The company", (company,)),) if shown != company else ()
        _terms(annex, 3, (*named, *front.annex_sections))
    return book.close()


def _portrait(
    book: Book, name: str, widths: Sequence[float], agreement: Agreement, printing: Printing, *, one_page: bool = False
) -> Page:
    page = book.page(name, widths, one_page=one_page)
    page.sheet.set_portrait()
    page.sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.7)
    page.sheet.set_footer(f"&L&7 {version_line(agreement, printing)[:200].replace('&', '&&')}")
    return page


def _target(page: Page, row: int, agreement: Agreement) -> tuple[Cell, dict[Source, Cell]]:
    """The target and each side's share of it, at the head of the table."""
    page.text(row, 0, f"Revenue target, {agreement.currency}", bold=True)
    target = page.input(row, _SIDE["marketing"], agreement.revenue_target, _money(agreement.revenue_target), bold=True)
    page.header(row + 1, ("What each side owes", "", *(SOURCE[source] for source in SIDES)), text_columns=2)
    page.text(row + 2, 0, "Share of the target")
    number = _percent(agreement.split.marketing)
    first = page.input(row + 2, _SIDE["marketing"], agreement.split.marketing, number)
    other = page.formula(row + 2, _SIDE["sales"], f"1-{first.here}", 1 - agreement.split.marketing, number)
    return target, {"marketing": first, "sales": other}


def _figures(
    page: Page, top: int, agreement: Agreement, target: Cell, shares: Mapping[Source, Cell],
    by_segment: Mapping[Source, Mapping[str, Cell]],
) -> int:  # fmt: skip
    """What follows for each side. Returns the next free row."""
    currency = agreement.currency
    for place, name in enumerate(_NAMES):
        bold = name in ("revenue", "sqls", "mqls")
        for column, text in enumerate((_label(name, currency), "")):
            page.text(top + place, column, text, bold=bold, bottom=1, bottom_color=_HAIR)
    for source in SIDES:
        plan: SalesPlan | None = getattr(agreement, source)
        written: dict[str, Cell] = {}
        for place, name in enumerate(_NAMES):
            row, column = top + place, _SIDE[source]
            look: dict[str, object] = {"bottom": 1, "bottom_color": _HAIR, "bold": name in ("revenue", "sqls", "mqls")}
            if plan is None or (source == "sales" and name in ("mql_to_sql", "mqls")):
                page.text(row, column, "–", **(look | {"align": "right"}))
            elif source in by_segment:
                written[name] = _of_segments(page, row, column, name, agreement, by_segment[source], look)
            elif name == "revenue":
                value = float(sum(cell["revenue"] for cell in agreement.segment_cells[source].values()))
                formula = f"{target.here}*{shares[source].here}"
                written[name] = page.formula(row, column, formula, value, _money(value), **look)
            else:
                cell = agreement.segment_cells[source][None]
                promised = agreement.required_mqls
                written[name] = _step(page, row, column, name, plan, cell, written, look, promised=promised)
    return top + len(_NAMES)


def _label(name: str, currency: str) -> str:
    known = {
        "revenue": f"Revenue, {currency}", "deal_size": f"Deal size, {currency}", "wins": "Wins", "opportunities": "Opportunities",
        "pipeline": f"Pipeline (opportunities × deal size), {currency}", "sqls": "SQLs", "mqls": "MQLs owed",
    }  # fmt: skip
    return known.get(name) or DRIVER[name]  # type: ignore[index]


def _percent(rate: float) -> str:
    """The format of a rate with the decimals that it was agreed with."""
    decimals = max(0, -int((Decimal(str(rate)) * 100).normalize().as_tuple().exponent))
    return f"0.{'0' * decimals}%" if decimals else "0%"


def _money(value: float) -> str:
    return MONEY if abs(value - round(value)) < 0.005 else "#,##0.00"


def _value(name: str, plan: SalesPlan, cell: Mapping[str, Fraction]) -> float:
    if name == "pipeline":
        return float(cell["opportunities"]) * plan.deal_size
    return float(cell[name]) if name in cell else float(getattr(plan, name))


def _step(
    page: Page, row: int, column: int, name: str, plan: SalesPlan, cell: Mapping[str, Fraction], written: Mapping[str, Cell],
    look: Mapping[str, object], *, promised: int | None = None,
) -> Cell:  # fmt: skip
    """One link of a chain: what was agreed is an input, what follows a formula over the cells above it.

    With `promised` the MQLs are rounded up once, as they are promised.
    """
    value = _value(name, plan, cell)
    if name not in _FORMULA:
        return page.input(row, column, value, _percent(value) if name in _RATES else _money(value), **look)
    formula = _FORMULA[name].format_map({each: found.here for each, found in written.items()})
    if name == "mqls" and promised is not None:
        return page.formula(row, column, f"ROUNDUP({formula}*(1-{_SLACK}),0)", promised, MONEY, **look)
    number = _money(value) if name == "pipeline" else count_format(value)
    return page.formula(row, column, formula, value, number, **look)


#: Of which stages a rate of the whole is the ratio.
_RATIO = {
    "deal_size": ("revenue", "wins"),
    "close_rate": ("wins", "opportunities"),
    "sql_to_opportunity": ("opportunities", "sqls"),
    "mql_to_sql": ("sqls", "mqls"),
}


def _of_segments(
    page: Page, row: int, column: int, name: str, agreement: Agreement, totals: Mapping[str, Cell], look: Mapping[str, object]
) -> Cell:  # fmt: skip
    """A figure of a side that has plans per segment: the sum over them, or the ratio of two sums."""
    if name in _RATIO:
        above, below = (totals[each] for each in _RATIO[name])
        value = above.number / below.number if below.number else "–"
        number = "0.0%" if name in _RATES else MONEY
        return page.formula(row, column, f'IF({below.there}=0,"–",{above.there}/{below.there})', value, number, **look)
    if name == "mqls":
        formula = f"ROUNDUP({totals[name].there}*(1-{_SLACK}),0)"
        return page.formula(row, column, formula, agreement.required_mqls, MONEY, **look)
    number = MONEY if name in ("revenue", "pipeline") else count_format(totals[name].number)
    return page.link(row, column, totals[name], number, **({"font_color": INK} | dict(look)))


def _segments(
    book: Book, agreement: Agreement, printing: Printing, target: Cell, shares: Mapping[Source, Cell]
) -> dict[Source, dict[str, Cell]]:
    """The sheet of plans per segment; returns the cells of each side's sums."""
    plans = agreement.segments
    if plans is None:
        return {}
    field = printable(plans.field).replace("_", " ")
    page = book.page("Segments", (24, 10, *(15 for _ in _NAMES)))
    page.sheet.set_footer(f"&L&7 {version_line(agreement, printing)[:200].replace('&', '&&')}")
    page.title(
        f"Plans by {field}"[:200], f"Shares are of each side's revenue. Blue cells were agreed; the others follow from them. Amounts in {agreement.currency}."
    )  # fmt: skip
    row = 3
    sums: dict[Source, dict[str, Cell]] = {}
    for source in SIDES:
        side: SalesPlan | None = getattr(agreement, source)
        if side is None or not getattr(plans, source):
            continue
        names = [name for name in _NAMES if source == "marketing" or name not in ("mql_to_sql", "mqls")]
        page.heading(row, SOURCE[source])
        page.text(row + 1, 0, f"Revenue, {agreement.currency}")
        owed = float(sum(cell["revenue"] for cell in agreement.segment_cells[source].values()))
        revenue = page.formula(row + 1, 2, f"{target.there}*{shares[source].there}", owed, MONEY)
        labels = ["MQLs, unrounded" if name == "mqls" else _label(name, agreement.currency) for name in names]
        page.header(row + 2, (field.capitalize(), "Share", *labels))
        row += 3
        columns: dict[str, list[Cell]] = {name: [] for name in names}
        for segment, part in getattr(plans, source).items():
            plan = side.model_copy(update=part.model_dump(exclude_none=True, exclude={"share"}))
            label = printable(segment) or "(empty)"
            page.text(row, 0, label, text_wrap=True)
            page.height(row, min(4, rows_needed(label, page.widths[0])))
            of = page.input(row, 1, part.share, _percent(part.share))
            cell, written = agreement.segment_cells[source][segment], {}
            for column, name in enumerate(names, 2):
                if name == "revenue":
                    value = float(cell["revenue"])
                    written[name] = page.formula(row, column, f"{revenue.here}*{of.here}", value, MONEY)
                else:
                    written[name] = _step(page, row, column, name, plan, cell, written, {})
                columns[name].append(written[name])
            row += 1
        page.text(row, 0, "All", bold=True, top=1)
        page.text(row, 1, "", top=1)
        sums[source] = {}
        for column, name in enumerate(names, 2):
            if name in _RATIO:
                page.text(row, column, "", top=1)
            else:
                number = MONEY if name in ("revenue", "pipeline") else "#,##0.0"
                sums[source][name] = page.total(row, column, columns[name], number, bold=True, top=1)
        row += 2
    return sums


def _terms(page: Page, row: int, parts: Sequence[Section]) -> int:
    """Each term beside its heading. Returns the next free row."""
    for part in parts:
        page.text(row, 0, part.heading, bold=True, text_wrap=True)
        told = " ".join(part.sentences)
        page.wide(row, 1, len(page.widths) - 1, told)
        page.height(row, lines_of(told, _TERMS_WIDTH, 10) + 0.3)
        row += 1
    return row


def _signatures(page: Page, row: int, printing: Printing) -> int:
    """A line for each side's name and date; what was signed already stands on it. Returns the last row."""
    page.wide(
        row, 0, len(page.widths) - 1,
        "Each side signs exactly this text. It is changed only by an amendment that both sign.", font_color=FAINT, font_size=8,
    )  # fmt: skip
    for source, columns in (("marketing", (0, 1)), ("sales", (3,))):
        signature = printing.of(source)  # type: ignore[arg-type]
        when = f", {day(signature.on)}" if signature and signature.on else ""
        name = shortened(printable(signature.name), 1, 100, 10) + when if signature else ""
        for column in columns:
            first = column == columns[0]
            page.text(row + 1, column, f"For {source}" if first else "", bold=True)
            page.text(row + 2, column, name if first else "", bottom=1, bottom_color=INK, valign="bottom")
            page.text(row + 3, column, "Name, signature, date" if first else "", font_size=8, font_color=FAINT)
    page.height(row + 2, 3)
    return row + 3
