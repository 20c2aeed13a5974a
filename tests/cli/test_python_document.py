"""zoo/README.md: its tables of names, arguments, errors and folders."""

import inspect
import re

import zoo
from tests.helpers.paths import ROOT

PAGE = (ROOT / "zoo" / "README.md").read_text(encoding="utf-8")


def first_column(heading: str) -> list[str]:
    """Return the names in the first column of the tables below a heading."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| ([^|]*`[^|]*) \|", section, flags=re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`(\w+)[^`]*`", cell)]


def test_python_document_names() -> None:
    """The table has every name of `import zoo`."""
    assert sorted(first_column("Everything in `import zoo`")) == zoo.__all__


def test_python_document_attributes() -> None:
    """The table names attributes that exist."""
    row = re.compile(r"^\| `(Model|LayerInfo|Prediction|Epoch)` \| (.*) \|$", flags=re.MULTILINE)
    rows = dict(row.findall(PAGE))
    assert len(rows) == 4
    for name, cell in rows.items():
        declared = getattr(zoo, name)
        known = {*dir(declared), *getattr(declared, "__dataclass_fields__", ())}
        assert set(re.findall(r"`(\w+)`", cell)) <= known


def test_python_document_estimator_arguments() -> None:
    arguments = inspect.signature(zoo.ZooClassifier).parameters
    assert first_column("scikit-learn") == list(arguments)


def test_python_document_errors() -> None:
    """The table has every error with its exit code."""
    rows = re.findall(r"^\| `(\w+)` \| .* \| (\d) \|$", PAGE, flags=re.MULTILINE)
    errors = [name for name in zoo.__all__ if name.endswith("Error")]
    assert dict(rows) == {name: str(getattr(zoo, name).exit_code) for name in errors}


def test_python_document_folders() -> None:
    """The map has every folder of zoo/."""
    folders = {path.parent.name for path in (ROOT / "zoo").glob("*/__init__.py")}
    assert set(first_column("The code")) == folders
