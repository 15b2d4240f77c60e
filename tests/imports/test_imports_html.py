"""Web pages under the name of a table, read as a browser shows them."""

import pytest

from alignment_core.imports.html import html_encoding, is_html, open_html
from alignment_core.imports.model import Limits, Refusal
from alignment_core.imports.opening import open_sheets


def table(sheet):
    """A sheet's cells by rows."""
    found = sheet.read(range(len(sheet.headers)))
    return [list(row) for row in zip(*(found.columns[i].to_pylist() for i in range(len(sheet.headers))), strict=True)]


PAGE = (
    "<html><head><meta charset='utf-8'><style>td{}</style><title>Report</title></head><body><h1>Leads</h1>"
    "<table><tr><th>Lead ID</th><th>Region<th>Amount</th></tr>"
    "<tr><td>00Q1</td><td rowspan=2>EMEA</td><td>1&nbsp;200&euro;</td></tr>"
    "<tr><td>00Q2</td><td><span style='display:none'>7</span>6<script>alert(1)</script></td></tr>"
    "<tr><td colspan=2>Grand Totals (2 records)</td><td>1206</td></tr></table>"
    "<p>Copyright (c) 2026</p><img src='http://example.com/x.png'></body></html>"
)


def test_a_web_page_is_its_largest_table(tmp_path):
    path = tmp_path / "report.xls"
    path.write_text(PAGE, encoding="utf-8")
    assert is_html(PAGE)
    sheet = open_html(path)
    assert sheet.headers == ("Lead ID", "Region", "Amount")
    assert table(sheet) == [["00Q1", "EMEA", "1 200€"], ["00Q2", None, "6"]]
    assert sheet.read([0]).row_numbers([0, 1]) == [2, 3]


@pytest.mark.parametrize(
    ("start", "encoding"),
    [
        ("<html><head><meta http-equiv='Content-Type' content='text/html; charset=windows-1252'></head>", "cp1252"),
        ("<html><meta charset=ISO-8859-1>", "cp1252"),
        ("<!-- made by a CRM -->\n<body>", "utf-8"),
        ("\n\n  <!DOCTYPE html>\n<meta charset='utf-8'>", "utf-8-sig"),
        ("<div>", "utf-16"),
    ],
)
def test_a_page_is_known_and_read_in_its_own_encoding(tmp_path, start, encoding):
    path = tmp_path / "report.csv"
    cells = "<table><tr><td>Lead ID</td><td>Stadt</td></tr><tr><td>1</td><td>Köln – 5 €</td></tr></table>"
    path.write_bytes((start + cells).encode(encoding))
    (sheet,) = open_sheets(path, Limits())
    assert sheet.headers == ("Lead ID", "Stadt")
    assert table(sheet) == [["1", "Köln – 5 €"]]


@pytest.mark.parametrize(
    "text", ["Lead ID,Note\n1,<table>\n", "<5 employees,10\n", "id\n<html>\n", "", '<?xml version="1.0"?><leads/>']
)
def test_text_with_tags_in_it_is_no_page(text):
    assert not is_html(text)


def test_how_deep_a_page_may_be_nested_can_be_set(tmp_path):
    path = tmp_path / "file.xls"
    path.write_text("<table><tr><td>Lead ID<td>Land<tr><td>1<td>" + "<table><tr><td>" * 4 + "x")
    assert open_html(path).headers == ("Lead ID", "Land")
    with pytest.raises(Refusal, match="nested more than 3 deep"):
        open_html(path, Limits(nesting=3))


def opened(tmp_path, page, limits=Limits(), encoding="utf-8"):
    path = tmp_path / "report.xls"
    path.write_text(page, encoding=encoding)
    return open_html(path, limits, encoding)


def test_cells_stand_where_those_that_span_rows_and_columns_put_them(tmp_path):
    page = (
        "<table><tr><th>Lead ID<th>Region<th>Country<th>Stage</tr>"
        "<tr><td>1<td rowspan=3>EMEA<td>DE<td rowspan=2>MQL</tr>"
        "<tr><td>2<td>ES</tr>"
        "<tr><td>3<td colspan=2>none</tr></table>"
    )
    assert table(opened(tmp_path, page)) == [
        ["1", "EMEA", "DE", "MQL"],
        ["2", None, "ES", None],
        ["3", None, "none", None],
    ]


def test_a_cell_is_what_a_browser_shows_of_it(tmp_path):
    """Line breaks where there are some, one space for several, and nothing of what is hidden or of other tables' rows."""
    hidden = "<b style='DISPLAY : none'>gone<b>too</b></b><script>1</script><style>x{}</style>"
    cells = ("a<br>b<p>c", " d \n  e&amp;f ", f"{hidden}g<i>h</i>", "<table><tr><td>i<td>j</table>k")
    page = "<table><tr><th>Lead ID<th>B<th>C<th>D" + "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</table>"
    assert table(opened(tmp_path, page)) == [["a\nb\nc", "d\ne&f", "gh", "ijk"]]


def test_of_several_tables_the_largest_is_read_and_that_is_said(tmp_path):
    small = "<table><tr><td>From<td>To<tr><td>1 July<td>30 September</table>"
    large = "<table><tr><th>Lead ID<th>Country<tr><td>1<td>DE<tr><td>2<td>ES</table>"
    sheet = opened(tmp_path, small + large + "<table><tr><td>Page 1</table>")
    assert sheet.headers == ("Lead ID", "Country")
    assert sheet.notes == (
        "The file is a web page (HTML) under the name of a table.",
        "Of its 2 tables the largest was read.",  # a table of one row is none
    )
    assert opened(tmp_path, large).notes == sheet.notes[:1]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"<html>", "utf-8"),
        (b"\xef\xbb\xbf<html><meta charset=cp1252>", "utf-8-sig"),  # its mark goes before what it says
        (b"<meta charset=iso-8859-1>", "cp1252"),
        (b'<meta content="text/html; charset=Shift_JIS">', "shift_jis"),
        (b"<meta charset=no-such-thing>", "utf-8"),
        (b"Lead ID,Note\n1,<table>\n", None),
    ],
)
def test_the_encoding_is_the_pages_own_as_browsers_take_it(tmp_path, head, encoding):
    path = tmp_path / "report.xls"
    path.write_bytes(head)
    assert html_encoding(path) == encoding


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(rows=10), "more than 10 rows"),
        (Limits(columns=2), "has 111 rows and 3 columns; at most 2 columns"),
        (Limits(cells=300), "more than 300 cells"),
        (Limits(cell_length=5), "more than 5 characters"),
    ],
)
def test_each_bound_of_a_page_is_named(tmp_path, limits, expected):
    page = "<table><tr><th>Lead ID<th>Stage<th>Region" + "".join(f"<tr><td>{i}<td>MQL<td>EMEA" for i in range(110))
    assert len(table(opened(tmp_path, page))) == 110
    with pytest.raises(Refusal, match=expected):
        opened(tmp_path, page, limits)


def test_bytes_that_are_not_of_the_encoding_are_refused(tmp_path):
    path = tmp_path / "report.xls"
    path.write_bytes("<table><tr><td>Köln".encode("cp1252"))
    with pytest.raises(Refusal, match="The web page is not utf-8"):
        open_html(path)
