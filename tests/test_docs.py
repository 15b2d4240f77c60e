"""What the README and the docs show is true: their examples are run, their links lead somewhere."""

import json
import re
from pathlib import Path

import pytest

from alignment_core.agreement import Agreement
from alignment_core.bridge import decompose
from alignment_core.export.as_json import review_as_json

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)[0]


def test_the_agreement_in_the_readme_stands_and_gives_164_mqls_without_its_segments():
    text = block("toml")
    with_segments = Agreement.from_text(text)
    assert set(with_segments.segments.marketing) == {"EMEA", "Americas"}
    assert Agreement.from_text(text[: text.index("[segments]")]).required_mqls == 164


def test_the_json_in_the_readme_has_the_keys_that_a_review_has():
    from alignment_core.data import Data
    from alignment_core.imports import InputFile, read_files
    from alignment_core.review import review

    sample = ROOT / "sample_data"
    files = [InputFile(name, sample / name) for name in ("salesforce_leads.csv", "salesforce_opportunities.csv")]
    imported = read_files(files)
    written = review_as_json(
        review(Data(imported.tables, imported.quality), Agreement.from_toml(sample / "agreement.toml"))
    )
    shown = json.loads(block("json"))
    assert set(shown) <= set(written)
    assert set(shown["bridge"][0]) == set(written["bridge"][0])
    assert set(shown["quality"]) == set(written["quality"])
    assert set(shown["plan"]["marketing"]) == set(written["plan"]["marketing"])


def test_the_python_in_the_readme_decomposes_the_designs_example():
    effects = decompose([164, 0.75, 0.5, 0.45, 30_000], [150, 0.57, 0.52, 0.39, 33_000])
    assert sum(effects) == pytest.approx(150 * 0.57 * 0.52 * 0.39 * 33_000 - 830_250, abs=0.005)


@pytest.mark.parametrize(
    "page", sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")], key=str), ids=lambda page: page.name
)
def test_links_between_the_documents_lead_somewhere(page):
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_module_that_the_architecture_names_is_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE):
        names = re.findall(r"`([^`]+)`", row)
        folder = Path(names[0]).parent
        for name in names:
            assert (ROOT / name).exists() or (ROOT / folder / name).exists(), name


def test_the_public_surface_is_what_others_rely_on():
    import alignment_core.bridge
    import alignment_core.imports
    import alignment_core.review

    assert {"decompose", "mix_and_rate", "order_range"} <= set(alignment_core.bridge.__all__)
    assert {"open_table", "read_files", "load_mapping", "InputFile", "FileMapping"} <= set(
        alignment_core.imports.__all__
    )
    assert alignment_core.review.__all__ == ["review"]
    assert {"from_toml", "required_mqls", "required", "to_toml"} <= set(dir(Agreement))
