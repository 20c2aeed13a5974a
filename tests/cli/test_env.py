"""`zoo env`: a table per section, and Markdown for an issue."""

import json
from pathlib import Path

import zoo as package
from tests.helpers.command import zoo_ok


def test_env_table(tmp_path: Path) -> None:
    lines = zoo_ok("env", cwd=tmp_path).splitlines()
    assert lines[0].split() == ["system", "value"]
    assert lines[1].split() == ["zoo", package.__version__]
    rows = [line.split() for line in lines]
    assert ["runs", "runs", "(does", "not", "exist)"] in rows
    assert ["mnist", "missing"] in rows


def test_env_markdown(tmp_path: Path) -> None:
    """--md is what an issue asks for."""
    text = zoo_ok("env", "--md", cwd=tmp_path)
    assert text.startswith(f"| system | value |\n|---|---|\n| zoo | {package.__version__} |\n")
    assert "\n\n| folder | path |\n" in text


def test_env_json(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    facts = json.loads(zoo_ok("env", "--json", cwd=tmp_path))
    assert facts["folders"]["runs"] == {"path": "runs", "exists": True}
    assert json.loads(zoo_ok("env", "--json", "--runs", "r", cwd=tmp_path))["folders"]["runs"] == {
        "path": "r",
        "exists": False,
    }
