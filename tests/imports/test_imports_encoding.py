"""How bytes become characters: by their mark, by what fits, or by asking."""

import pytest

from alignment_core.imports import FileMapping, InputFile, read_files
from alignment_core.imports.encoding import as_utf8, encoding_of
from alignment_core.imports.model import Refusal
from tests.imports.in_process import reading_here

HEADER = "Lead ID,MQL Date,Country\n"
CHINESE = HEADER + "".join(
    f"{i},2026-07-01,{place}\n" for i, place in enumerate(["北京市", "上海市", "广州市", "深圳市", "德国", "法国"])
)
JAPANESE = HEADER + "".join(
    f"{i},2026-07-01,{place}\n"
    for i, place in enumerate(["アメリカ", "ドイツ", "東京のオフィス", "フランス", "イギリス"])
)
GERMAN = HEADER + "".join(
    f"{i},2026-07-01,{place}\n" for i, place in enumerate(["Österreich", "Köln", "Türkei", "Größe", "Süd"])
)


@pytest.fixture(autouse=True, scope="module")
def in_this_process():
    with reading_here():
        yield


def read(content, mapping=FileMapping()):
    imported = read_files([InputFile("leads.csv", content)], {"leads.csv": mapping})
    return imported.files[0], imported.tables.get("leads")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"), (GERMAN, "utf-8-sig"), (GERMAN, "utf-16"), (GERMAN, "utf-16-le"), (GERMAN, "utf-16-be"),
        (GERMAN, "utf-32"), (GERMAN, "cp1252"), (CHINESE, "utf-8"), (CHINESE, "utf-16"), (CHINESE, "gb18030"),
        (JAPANESE, "shift_jis"), (JAPANESE, "utf-16"),
    ],
)  # fmt: skip
def test_what_was_written_is_read(text, encoding):
    report, table = read(text.encode(encoding))
    assert not report.reasons
    assert table["country"].to_pylist() == [line.split(",")[2] for line in text.splitlines()[1:]]


def test_bytes_that_are_not_utf8_far_below_the_first_rows_are_read_too():
    text = (
        HEADER
        + "1,2026-07-01,DE\n" * 1
        + "".join(f"x{i},2026-07-01,DE\n" for i in range(90_000))
        + "z,2026-07-01,Köln\n"
    )
    report, table = read(text.encode("cp1252"))
    assert report.rows_used == 90_002
    assert table["country"].to_pylist()[-1] == "Köln"


def test_bytes_that_may_be_two_languages_are_asked_about_and_an_answer_is_taken():
    """Two characters in one row: valid Chinese and valid Western text."""
    content = HEADER.encode() + b"1,2026-07-01,\xc4\xdc\xc4\xdc\n"
    report, table = read(content)
    assert table is None
    assert 'encoding = "gb18030"' in report.question.answers
    assert 'encoding = "cp1252"' in report.question.answers
    _, table = read(content, FileMapping(encoding="cp1252"))
    assert table["country"].to_pylist() == ["ÄÜÄÜ"]


def test_what_is_asked_shows_nobodys_name():
    report, _ = read("Lead ID,Last Name,MQL Date\n1,王小明,2026-07-01\n".encode("gb18030"))
    assert "'王小'" in report.question.text
    assert "王小明" not in report.question.text


def test_a_byte_that_is_no_character_of_the_encoding_is_named_by_its_row():
    report, _ = read(HEADER.encode() + b"1,2026-07-01,\x81\n", FileMapping(encoding="cp1252"))
    assert report.refused == ("Row 2 has the byte 81, which is no character of cp1252. Export the file as CSV UTF-8.",)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "gb18030", "shift_jis"])
def test_a_copy_is_utf8_with_one_kind_of_line_end_beside_the_file(tmp_path, encoding):
    path = tmp_path / "leads.csv"
    path.write_bytes("Lead ID,Note\r\n1,x\r2,y\n".encode(encoding))
    copy = as_utf8(path, encoding)
    assert copy.parent == tmp_path
    assert copy.read_bytes() == b"Lead ID,Note\n1,x\n2,y\n"


def test_a_character_across_two_pieces_of_a_large_file_is_one(tmp_path):
    """Files are read a megabyte at a time, and here its end lies within a character of three bytes."""
    text = "x" * (2**20 - 1) + "€\r" + "y" * (2**20 - 4) + "\r\n"
    path = tmp_path / "leads.csv"
    path.write_bytes(text.encode())
    assert as_utf8(path, "utf-8").read_text() == text.replace("\r\n", "\n").replace("\r", "\n")


def test_an_encoding_that_there_is_not_is_refused_with_those_there_are(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text(HEADER)
    with pytest.raises(
        Refusal, match=r"There is no encoding 'utf-9'\. Write utf-8, utf-16, cp1252, gb18030 or shift_jis"
    ):
        as_utf8(path, "utf-9")


def test_a_mark_decides_and_a_nul_alone_does_not(tmp_path):
    path = tmp_path / "leads.csv"
    for content, encoding in (
        (b"\xef\xbb\xbfa,b", "utf-8-sig"), (b"\xff\xfea\x00", "utf-16"), (b"\xff\xfe\x00\x00", "utf-32"), (b"a\x00b,c" * 50, "utf-8"),
    ):  # fmt: skip
        path.write_bytes(content)
        assert encoding_of(path) == encoding
