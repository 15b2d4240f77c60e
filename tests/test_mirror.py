"""Whoever looks for a module's tests finds them by its name."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "alignment_core"
MODULES = sorted(
    path.relative_to(CORE)
    for path in CORE.rglob("*.py")
    if path.name not in ("__init__.py", "__main__.py") and "migrations" not in path.parts
)


@pytest.mark.parametrize("module", MODULES, ids=Path.as_posix)
def test_every_module_of_the_core_has_a_file_of_tests_where_it_stands_itself(module):
    """Under its own name, or with that of its package before it."""
    folder = ROOT / "tests" / module.parent
    names = (f"test_{module.stem}.py", f"test_{module.parent.name}_{module.stem}.py")
    found = [folder / name for name in names if (folder / name).exists()]
    assert found, f"write {(folder / names[0]).relative_to(ROOT)}"
    assert any("\ndef test_" in each.read_text(encoding="utf-8") for each in found)
