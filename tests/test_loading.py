"""Files named on the command line: read as a mapping says, known again by their headers, or refused with every reason."""

from decimal import Decimal

import pytest

from alignment_core.errors import DataError
from alignment_core.imports import FileMapping, InputFile, MappingError, dump_mapping, read_files
from alignment_core.loading import read_inputs
from tests.imports.in_process import reading_here

HEADER = "Opportunity ID,Created Date,Close Date,Won,Amount,Lead Source\n"
#: 7/4 and 8/9 are the 4th of July and the 8th of September, or the 7th of April and the 9th of August.
UNDECIDED = HEADER + "D1,7/4/2026,8/9/2026,TRUE,100,Website\n"


@pytest.fixture(autouse=True)
def here():
    with reading_here():
        yield


@pytest.fixture
def files(tmp_path):
    def write(**texts):
        """Files of these names, and what is read of them."""
        for name, text in texts.items():
            (tmp_path / f"{name}.csv").write_text(text)
        return [InputFile(f"{name}.csv", tmp_path / f"{name}.csv", "deals") for name in texts]

    return write


def mapping(tmp_path, text):
    path = tmp_path / "mapping.toml"
    path.write_text(text)
    return path


def closed(imported):
    return [value and f"{value:%Y-%m-%d}" for value in imported.tables["deals"]["closed_at"].to_pylist()]


def test_without_a_mapping_files_are_read_as_their_headers_say(files):
    imported, decided, known = read_inputs(files(deals=HEADER + "D1,2026-07-04,2026-08-09,TRUE,100,Website\n"))
    assert closed(imported) == ["2026-08-09"]
    assert (dict(decided.files), dict(decided.choices.rates), list(known)) == ({}, {}, [])


def test_a_question_is_refused_with_what_answers_it_and_the_mapping_answers(files, tmp_path):
    given = files(deals=UNDECIDED)
    with pytest.raises(DataError, match='date_order = "MDY"'):
        read_inputs(given)
    imported, decided, known = read_inputs(given, mapping(tmp_path, '["deals.csv"]\ndate_order = "DMY"\n'))
    assert (closed(imported), list(decided.files), list(known)) == (["2026-09-08"], ["deals.csv"], [])


def test_a_file_is_known_again_by_its_headers_under_another_name_and_only_by_all_of_them(files, tmp_path):
    decided = {"q2.csv": FileMapping(date_order="MDY")}
    made_for = read_files(files(q2=UNDECIDED), decided)
    kept = mapping(tmp_path, dump_mapping(made_for, decided))
    imported, _, known = read_inputs(files(q3=UNDECIDED), kept)
    assert (closed(imported), list(known)) == (["2026-08-09"], ["q3.csv"])
    with pytest.raises(DataError, match=r"q3\.csv"):
        read_inputs(files(q3=UNDECIDED.replace("Amount", "Value")), kept)


def test_every_refused_file_is_named_with_its_reason(files):
    with pytest.raises(DataError) as raised:
        read_inputs(files(one=UNDECIDED, two=UNDECIDED, three=""))
    assert [reason.split(":")[0] for reason in raised.value.reasons] == ["one.csv", "two.csv", "three.csv"]


def test_choices_and_rates_come_with_the_mapping(files, tmp_path):
    text = '[choices]\nseveral_deals = "once"\n[rates]\nEUR = 1.5\n'
    _, decided, _ = read_inputs(files(deals=HEADER), mapping(tmp_path, text))
    assert (decided.choices.several_deals, dict(decided.choices.rates)) == ("once", {"EUR": Decimal("1.5")})


def test_a_mapping_with_faults_is_refused_before_any_file_is_read(tmp_path):
    with pytest.raises(MappingError, match="several_deals"):
        read_inputs(
            [InputFile("none.csv", tmp_path / "none.csv")], mapping(tmp_path, '[choices]\nseveral_deals = "never"\n')
        )


def test_files_of_one_name_are_called_by_their_paths(tmp_path):
    paths = [tmp_path / folder / "deals.csv" for folder in ("emea", "apac")]
    for path in paths:
        path.parent.mkdir()
        path.write_text("Amount\n5\n")
    with pytest.raises(DataError) as caught:
        read_inputs([InputFile(path.name, path, "deals") for path in paths])
    assert list(dict.fromkeys(reason.split(": ")[0] for reason in caught.value.reasons)) == [
        str(path) for path in paths
    ]


def test_a_mapping_that_is_no_text_is_refused_with_the_place(tmp_path, files):
    path = tmp_path / "mapping.toml"
    path.write_bytes(b'["x.csv"]\nkind = "leads" # \xe9\n')
    with pytest.raises(MappingError, match=r"the file is not UTF-8 text: .* at byte 27"):
        read_inputs(files(deals=UNDECIDED), path)
    with pytest.raises(MappingError, match="not valid TOML"):
        read_inputs(files(deals=UNDECIDED), mapping(tmp_path, f"[rates]\nEUR = {'9' * 6000}\n"))
