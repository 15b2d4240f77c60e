"""The agreement as a document of one page to print and sign (DOCX). What has no room there is in an annex to it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor

from alignment_core.agreement import Agreement
from alignment_core.export.agreement_terms import (
    AgreementTerms,
    Figure,
    Printing,
    Section,
    Segment,
    figures,
    lead,
    paper,
    printable,
    sections,
    segments,
    title,
    version_line,
)
from alignment_core.export.one_page import LINES, Front, fitted, shortened
from alignment_core.vocabulary import Source
from alignment_core.wording import SOURCE, day

__all__ = ["write_agreement_document"]

_FONT = "Arial"
_INK, _FAINT, _LINE = RGBColor(0x1B, 0x27, 0x33), RGBColor(0x5C, 0x6B, 0x7A), "9AA7B3"
_PAPER = {"A4": (Mm(210), Mm(297)), "Letter": (Mm(215.9), Mm(279.4))}
_MARGIN, _HEADING_WIDTH = Mm(20), Mm(38)
_BODY, _SMALL = 9.0, 7.5
#: The columns of the table per segment after the segment's own name, in millimetres.
_SEGMENT_HEADS = ("Share", "Revenue", "Deal size", "Close rate", "SQL → opp.", "MQL → SQL", "Owed")
_SEGMENT_WIDTHS = (12, 26, 19, 16, 18, 18, 24)


def write_agreement_document(
    agreement: Agreement, terms: AgreementTerms = AgreementTerms(), printing: Printing = Printing()
) -> bytes:
    """The agreement as a Word document.

    Args:
        agreement: what is to be signed.
        terms: the words of the terms that are not numbers.
        printing: the version, its content hash, and the signatures that were given.
    """
    page = _Page(agreement, printing)
    width = page.width - _HEADING_WIDTH
    lines = LINES[paper(agreement)]
    front = fitted(sections(agreement, terms), segments(agreement), lines=lines, width=_points(width) - 4, size=_BODY)
    company, quarter = title(agreement)
    page.line("SALES AND MARKETING AGREEMENT", size=_SMALL, color=_FAINT, after=2)
    shown = shortened(company, 2, 0.9 * _points(page.width), 16)
    page.line(shown, size=16, bold=True, after=0)
    page.line(quarter, size=11, color=_FAINT, after=6)
    page.line(lead(agreement), after=6)
    page.figures(figures(agreement))
    if front.segments:
        page.segments(agreement, front.segments, _segments_heading(agreement, front))
    page.sections(front.sections)
    page.signatures()
    if front.has_annex or shown != company:
        page.annex()
        if shown != company:
            page.sections((Section("The company", (company,)),), in_annex=True)
        page.sections(front.annex_sections, in_annex=True)
        if front.annex_segments:
            page.segments(
                agreement, front.annex_segments, shortened(f"All plans by {_field(agreement)}", 2, 90, _SMALL)
            )
    return page.saved()


def _field(agreement: Agreement) -> str:
    return printable(agreement.segments.field).replace("_", " ") if agreement.segments else ""


def _segments_heading(agreement: Agreement, front: Front) -> str:
    rest = len(front.annex_segments) - len(front.segments)
    field = shortened(f"By {_field(agreement)}", 1, 90, _SMALL)
    return f"{field}; {rest} more in the annex" if front.annex_segments else field


class _Page:
    """The document while it is written."""

    def __init__(self, agreement: Agreement, printing: Printing) -> None:
        self.document: Any = Document()
        self.agreement, self.printing = agreement, printing
        properties = self.document.core_properties
        company, quarter = title(agreement)
        properties.title, properties.author = f"Agreement, {company[:120]}, {quarter}", "Alignment"
        properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)
        style = self.document.styles["Normal"]
        style.font.name, style.font.size, style.font.color.rgb = _FONT, Pt(_BODY), _INK
        # Chinese, Japanese and Korean text has a font of its own in a style; without one Word takes the theme's.
        style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.line_spacing = 1.1
        section = self.document.sections[0]
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = _PAPER[paper(agreement)]
        section.left_margin = section.right_margin = _MARGIN
        section.top_margin, section.bottom_margin = Mm(15), Mm(14)
        section.footer_distance = Mm(8)
        self.width = section.page_width - 2 * _MARGIN
        footer = section.footer.paragraphs[0]
        self._run(footer, version_line(agreement, printing), size=6.5, color=_FAINT)

    def line(self, text: str, *, size: float = _BODY, after: float = 0, before: float = 0, **look: Any) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after, paragraph.paragraph_format.space_before = Pt(after), Pt(before)
        self._run(paragraph, text, size=size, **look)

    def figures(self, rows: Sequence[Figure]) -> None:
        """What each side owes, numbers right under each other."""
        side = Mm(42)
        table = self._table((self.width - 2 * side, side, side))
        self._row(table, ("What each side owes", SOURCE["marketing"], SOURCE["sales"]), bold=True, edge="bottom")
        for row in rows:
            self._row(table, (row.label, row.marketing, row.sales), bold=row.owed, edge="bottom", faint=True)

    def segments(self, agreement: Agreement, rows: Sequence[Segment], heading: str) -> None:
        widths = [Mm(width) for width in _SEGMENT_WIDTHS]
        table = self._table((self.width - sum(widths), *widths), before=4)
        self._row(table, (heading, *_SEGMENT_HEADS), bold=True, size=_SMALL, edge="bottom", header=True)
        room = _points(self.width - sum(widths)) - 7
        sources = {row.source for row in rows}
        for row in rows:
            side = f"{row.source.capitalize()}: " if len(sources) > 1 else ""
            named = shortened(side + (row.name or "(empty)"), 1, room, _SMALL)
            values = (
                row.share,
                row.revenue,
                row.deal_size,
                row.close_rate,
                row.sql_to_opportunity,
                row.mql_to_sql,
                row.owed,
            )
            self._row(table, (named, *values), size=_SMALL, edge="bottom", faint=True)

    def sections(self, parts: Sequence[Section], *, in_annex: bool = False) -> None:
        """Each term beside its heading; in the annex a long one runs on over pages."""
        table = self._table((_HEADING_WIDTH, self.width - _HEADING_WIDTH), before=5)
        for part in parts:
            cells = self._row(table, (part.heading, " ".join(part.sentences)), align_left=True, whole=not in_annex)
            cells[0].paragraphs[0].runs[0].bold = True
            for cell in cells:
                cell.paragraphs[0].paragraph_format.space_after = Pt(3)

    def signatures(self) -> None:
        """A line for each side's name and date; what was signed already stands on it."""
        self.line(
            "Each side signs exactly this text. It is changed only by an amendment that both sign.",
            color=_FAINT, size=_SMALL, before=4, after=2,
        )  # fmt: skip
        gap = Mm(10)
        each = (self.width - gap) // 2
        table = self._table((each, gap, each))
        for edge, texts in (
            ("", [f"For {source}" for source in ("marketing", "sales")]),
            ("bottom", [self._signed("marketing"), self._signed("sales")]),
            ("", ["Name, signature, date"] * 2),
        ):
            cells = self._row(table, (texts[0], "", texts[1]), align_left=True, size=_SMALL if not edge else _BODY, bold=edge == "" and texts[0].startswith("For"))  # fmt: skip
            if edge:
                row = table.rows[-1]
                row.height, row.height_rule = Mm(11), WD_ROW_HEIGHT_RULE.AT_LEAST
                for cell in (cells[0], cells[2]):
                    _border(cell, "bottom", "1B2733")
                    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.BOTTOM

    def _signed(self, side: Source) -> str:
        signature = self.printing.of(side)
        if signature is None:
            return ""
        when = f", {day(signature.on)}" if signature.on else ""
        return shortened(printable(signature.name), 1, 140, _BODY) + when

    def annex(self) -> None:
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        self.line("ANNEX", size=_SMALL, color=_FAINT, after=2)
        self.line("What the page has no room for; it is a part of the agreement.", after=4)

    def saved(self) -> bytes:
        content = BytesIO()
        self.document.save(content)
        return content.getvalue()

    def _table(self, widths: Sequence[int], before: float = 0) -> Any:
        if before or self.document.element.body[-2].tag == qn("w:tbl"):  # two tables that touch would be one
            self.line("", size=max(1.0, before))
        table = self.document.add_table(rows=0, cols=len(widths))
        table.autofit = False
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        table._tbl.tblPr.append(_cell_margins())
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        table._widths = widths
        return table

    def _row(
        self, table: Any, texts: Sequence[str], *, size: float = _BODY, bold: bool = False, edge: str = "", faint: bool = False,
        header: bool = False, align_left: bool = False, whole: bool = True,
    ) -> Sequence[Any]:  # fmt: skip
        """A row; all but the first column stand right, unless it is text."""
        row = table.add_row()
        if header:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        if whole:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = table._widths[place]
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if place and not align_left else WD_ALIGN_PARAGRAPH.LEFT
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1)
            self._run(paragraph, text, size=size, bold=bold)
            if edge:
                _border(cell, edge, "DDE3E8" if faint else _LINE)
        cells: Sequence[Any] = row.cells
        return cells

    def _run(
        self, paragraph: Any, text: str, *, size: float = _BODY, color: RGBColor = _INK, bold: bool = False
    ) -> None:
        run = paragraph.add_run(text)
        run.font.size, run.font.color.rgb, run.bold = Pt(size), color, bold


def _points(length: int) -> float:
    """A length of the library's, in points."""
    return float(Emu(length).pt)


def _cell_margins() -> Any:
    """Cells whose text stands nearly at their edges, so that tables line up with the text around them."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "50")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    return margins


def _border(cell: Any, edge: str, colour: str) -> None:
    """A hairline at one edge of a cell; the library has no words for it."""
    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        properties.append(borders)
    line = OxmlElement(f"w:{edge}")
    for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
