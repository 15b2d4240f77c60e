"""What identifies a person is in no table, file, log, export or page, whatever file it came in."""

import hashlib
import io
import json
import logging
import zipfile
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from alignment_core import __main__ as command_line
from alignment_core.bar_records import bar_records
from alignment_core.data import Data
from alignment_core.export.as_json import review_as_json
from alignment_core.export.quality import quality_csv, quality_xlsx
from alignment_core.export.table_csv import table_csv
from alignment_core.export.workbook import write_workbook
from alignment_core.imports import FileMapping, InputFile, dump_mapping, process, read_files
from alignment_core.imports.library import save_mapping
from alignment_core.review import review
from alignment_core.segments import segments_that_matter
from alignment_core.why import why, with_why
from tests.canaries import CANARIES, FILES, MEANINGLESS, OPAQUE, PERSONS
from tests.screens import downloads, drawn
from tests.support import agreed

ROOT = Path(__file__).resolve().parent.parent
#: What only the user can say of a file whose headers say nothing.
SAID = FileMapping(kind="leads", columns={"lead_id": "f1", "mql_at": "f2", "lead_source": "f3"})
READ = [name for name in FILES if name != "no header.csv"]


def found_in(*texts: object) -> set[str]:
    """The canaries in texts, bytes or archives, in whatever case."""
    hay = "\n".join(_text(each) for each in texts).casefold()
    return {canary for canary in CANARIES if canary.casefold() in hay}


def _text(each: object) -> str:
    if isinstance(each, bytes) and each.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(each)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each)


def stored(data: Data) -> list[object]:
    """Every table as the engine holds it, and as it would be written."""
    found: list[object] = []
    for name in ("leads", "deals", "touches", "stage_events", "funnel", "owners", "accounts"):
        if name in data.engine:
            table = data.engine.table(name)
            sink = pa.BufferOutputStream()
            arrow = table.to_pyarrow()
            with pa.ipc.new_file(sink, arrow.schema) as writer:
                writer.write_table(arrow)
            found += [
                sink.getvalue().to_pybytes(),
                data.engine.run(table).to_csv(),
                data.engine._tables[name].to_pydict(),
            ]
    return found


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """All files, read as an upload is; with what readers were sent and said, the logs, and the folder they worked in."""
    folder, said = tmp_path_factory.mktemp("memory"), []

    talk = process._talk

    def watched(reader, job):
        answer = talk(reader, job)
        said.extend(answer)
        return answer

    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(handler.format(record))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with (
            patch.object(process, "_talk", watched),
            patch.object(process, "memory_folder", lambda: str(folder)),
        ):
            files = [InputFile(name, content) for name, (content, _) in FILES.items()]
            result = read_files(files, {"meaningless.csv": SAID}, key=b"k" * 32)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert len(said) == 2 * len(FILES)
    return result, said, records, folder


def test_the_canaries_are_in_the_files():
    """Else nothing below would say anything."""
    everything = found_in(*(content for content, _ in FILES.values()))
    assert {each["email"] for each in PERSONS} | {each["name"] for each in PERSONS} | {
        each["born"] for each in PERSONS
    } <= everything


def test_no_table_and_no_report_holds_anybody(imported):
    result, said, records, folder = imported
    assert [report.name for report in result.refused] == ["no header.csv"]
    assert result.quality.rows_used > 40
    assert found_in(*stored(Data(result.tables)), repr(result.files)) == set()
    assert found_in(*said, *records) == set()
    assert all(errors == b"" for errors in said[1::2])
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", READ)
def test_the_report_says_what_was_dropped(imported, name):
    (report,) = (report for report in imported[0].files if report.name == name)
    dropped = {column.header for column in report.columns if column.why == "personal, dropped"}
    assert dropped == set(FILES[name][1])
    assert all(not column.samples for column in report.columns if column.why == "personal, dropped")


def test_opaque_ids_are_kept_and_addresses_and_numbers_are_codes_that_cannot_be_guessed(imported):
    tables = imported[0].tables
    kept = {value for name in ("leads", "deals") for value in tables[name][f"{name[:-1]}_id"].to_pylist()}
    assert set(OPAQUE) <= kept
    held = " ".join(_text(each) for each in stored(Data(tables)))
    for someone in PERSONS:
        for value in (someone["email"], someone["phone"], someone["email"].upper()):
            for plain_hash in (hashlib.sha256, hashlib.sha1, hashlib.md5):
                assert plain_hash(value.encode()).hexdigest()[:16] not in held
    for name in ("by address.csv", "by number.xlsx"):
        (report,) = (report for report in imported[0].files if report.name == name)
        assert any("they are kept only as codes" in fault.reason for fault in report.faults)


def test_no_export_holds_anybody(imported):
    result = imported[0]
    data, agreement = Data(result.tables, result.quality), agreed(sourcing={"otherwise": "marketing"})
    exports: list[object] = [
        quality_csv(data.quality),
        quality_xlsx(data.quality),
        dump_mapping(result, {"meaningless.csv": SAID}),
    ]
    for by in (None, *data.segment_fields):
        found = review(data, agreement, by=by)
        opened = why(data, agreement, found)
        found = with_why(found, opened)
        exports += [write_workbook(found, agreement), json.dumps(review_as_json(found)), repr(found)]
        exports += [str(each.kinds.to_dict()) for each in opened if each.kinds is not None]
        exports += [
            repr(segments_that_matter(data, agreement, found, each.bar)) for each in opened if not each.bar.undefined
        ]
        listed = [bar_records(data, agreement, found, bar).records for bar in (*found.bars, *found.segment_bars)]
        exports += [table_csv(each) for each in listed]
        assert any(len(each) for each in listed)
    assert len(data.segment_fields) >= 3
    assert found_in(*exports) == set()
    assert b"PK" in exports[1][:4]


def test_the_command_line_says_nothing_of_anybody(tmp_path, capsys):
    (tmp_path / "agreement.toml").write_text(agreed(sourcing={"otherwise": "marketing"}).to_toml())
    for name in READ[:6]:
        (tmp_path / name).write_bytes(FILES[name][0])
    out = [f"--workbook={tmp_path / 'out.xlsx'}", f"--json={tmp_path / 'out.json'}"]
    leads = [
        word
        for name in ("salesforce leads.csv", "hubspot contacts.xlsx", "by address.csv")
        for word in ("--leads", str(tmp_path / name))
    ]
    start = ["review", "--agreement", str(tmp_path / "agreement.toml"), "--quarter", "2026-Q3"]
    assert command_line.main([*start, *leads, "--deals", str(tmp_path / "report.xls"), *out]) == 0
    (tmp_path / "no header.csv").write_bytes(FILES["no header.csv"][0])
    assert command_line.main([*start, "--leads", str(tmp_path / "no header.csv")]) == 1
    printed = capsys.readouterr()
    assert "is a record and no header" in printed.err
    assert (
        found_in(printed.out, printed.err, (tmp_path / "out.xlsx").read_bytes(), (tmp_path / "out.json").read_bytes())
        == set()
    )


def test_no_page_download_or_file_of_the_workspace_holds_anybody(tmp_path, monkeypatch, caplog, capfd):
    """Uploaded as a visitor does, saved for next quarter, reviewed, and looked at on every page."""
    monkeypatch.setenv("ALIGNMENT_WORKSPACE", str(tmp_path))
    caplog.set_level(logging.DEBUG)
    save_mapping(tmp_path / "mappings", "by hand", {"x.csv": SAID}, {"x.csv": ["f1", "f2", "f3", *MEANINGLESS]})
    seen: list[bytes] = []

    def opened(room, **state):
        page = AppTest.from_file(str(ROOT / "pages" / f"{room}.py"), default_timeout=60)
        for name, value in state.items():
            page.session_state[name] = value
        page.run()
        assert not page.exception
        seen.extend(drawn(page))
        return page

    with downloads() as offered:
        page = opened("load")
        page.file_uploader[0].set_value([(name, FILES[name][0], "") for name in READ]).run()
        assert not page.exception
        seen.extend(drawn(page))
        assert "7 files understood" in page.title[0].value
        page.text_input[0].set_value("canaries")
        next(each for each in page.button if each.label == "Save").click().run()
        seen.extend(drawn(page))
        with patch("streamlit.switch_page"):
            next(each for each in page.button if each.label == "Review this quarter").click().run()
        here = page.session_state["workspace"]
        assert "loading" not in page.session_state or not page.session_state["loading"].files
        assert len(here.files) == len(READ)
        for field in (None, *here.data.segment_fields[-2:]):
            opened("review", workspace=here, **({"by": field} if field else {}))
        opened("review", workspace=here, **{"review.records.show": True, "review.robustness.show": True})
        with patch("streamlit.page_link"):
            opened("follow_up", workspace=here)
        opened("scenarios", workspace=here)
        opened("load", workspace=here)
        agree = opened("agree", workspace=here)
        agree.selectbox(key="agree.segments.field").set_value("owner").run()
        assert not agree.exception
        seen.extend(drawn(agree))
    assert b"00Q5g00000CANA0000" in b"".join(seen)  # pages show samples of what is kept
    assert {name.rpartition(".")[2] for name, _ in offered} == {"csv", "xlsx", "toml"}
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 3  # the key, and two saved mappings
    printed = capfd.readouterr()
    assert found_in(*seen, *(content for _, content in offered), *kept, caplog.text, printed.out, printed.err) == set()
