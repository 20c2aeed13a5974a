"""The files of the project beside its code: folders, workflows, forms, citation, changelog."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import zoo
from tests.helpers.optional import optional
from tests.helpers.paths import ROOT, tracked_files

WORKFLOWS = ROOT / ".github" / "workflows"
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
YAML = [
    *sorted(WORKFLOWS.glob("*.yml")),
    *sorted(FORMS.glob("*.yml")),
    ROOT / ".pre-commit-config.yaml",
    ROOT / "CITATION.cff",
]


def parsed(path: Path) -> Any:
    """Return the content of a YAML file."""
    return optional("yaml").safe_load(path.read_text(encoding="utf-8"))


def steps(workflow: str) -> list[dict[str, Any]]:
    """Return the steps of all jobs of a workflow."""
    jobs = parsed(WORKFLOWS / workflow)["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


def has_classifier(start: str, value: str) -> bool:
    return f"{start} :: {value}" in PROJECT["classifiers"]


def test_repository_folders() -> None:
    """The top of the project holds the five folders and no other."""
    folders = {name.split("/")[0] for name in tracked_files() if "/" in name}
    assert folders == {"zoo", "cli", "registry", "models", "tests", ".ci", ".github"}


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_yaml_parses(path: Path) -> None:
    assert isinstance(parsed(path), dict)


def test_workflow_matrix_is_the_classifiers() -> None:
    """The versions of Python and the systems that the package names are those that are tested."""
    matrix = parsed(WORKFLOWS / "test.yml")["jobs"]["short"]["strategy"]["matrix"]
    named = [text.rpartition(" ")[2] for text in PROJECT["classifiers"] if "Python :: 3." in text]
    assert matrix["python"] == named
    assert PROJECT["requires-python"] == f">={named[0]}"
    systems = {
        "ubuntu-latest": "POSIX :: Linux",
        "macos-latest": "MacOS",
        "windows-latest": "Microsoft :: Windows",
    }
    assert matrix["os"] == list(systems)
    assert all(has_classifier("Operating System", name) for name in systems.values())


@pytest.mark.parametrize("name", ["test.yml", "publish.yml", "weekly.yml"])
def test_workflow_permissions(name: str) -> None:
    """A workflow may read; publishing may also identify itself. Actions have a major version."""
    workflow = parsed(WORKFLOWS / name)
    assert workflow["permissions"] == {"contents": "read"}
    others = {key: job.get("permissions") for key, job in workflow["jobs"].items()}
    assert {key: value for key, value in others.items() if value} == (
        {"publish": {"id-token": "write"}} if name == "publish.yml" else {}
    )
    used = [step["uses"] for step in steps(name) if "uses" in step]
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+@(v\d+|release/v\d+)", action) for action in used)


def test_workflows_call_the_ci_script() -> None:
    """The workflows run no test by a command of their own."""
    called = [
        step["run"] for name in ("test.yml", "weekly.yml") for step in steps(name) if "run" in step
    ]
    assert called == [".ci/run", ".ci/run --short", ".ci/run --short"]
    assert "--short)" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize(
    "path", sorted(set(FORMS.glob("*.yml")) - {FORMS / "config.yml"}), ids=lambda path: path.name
)
def test_issue_form(path: Path) -> None:
    """Each field has an id of its own and a label, as forms need."""
    form = parsed(path)
    assert {"name", "description", "body"} <= form.keys()
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)


def test_issue_form_of_a_bug_asks_for_the_environment() -> None:
    assert "zoo env --md" in (FORMS / "bug.yml").read_text()


def test_pre_commit_hooks() -> None:
    """The hooks are the linters of .ci/run, and are downloaded from nowhere."""
    (repository,) = parsed(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    commands = [hook["entry"] for hook in repository["hooks"]]
    assert [command.split()[:2] for command in commands[:2]] == [
        ["ruff", "format"],
        ["ruff", "check"],
    ]
    assert commands[2] in (ROOT / ".ci" / "run").read_text()


def test_version_in_citation_and_changelog() -> None:
    """They name the same version and date; unreleased changes come first."""
    titles = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    citation = parsed(ROOT / "CITATION.cff")
    assert citation["version"] == zoo.__version__
    assert titles[:2] == ["Unreleased", f"{zoo.__version__} - {citation['date-released']}"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", title) for title in titles[1:])


def test_citation_names_the_data() -> None:
    citation = parsed(ROOT / "CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    authors = [
        [author["family-names"] for author in reference["authors"]]
        for reference in citation["references"]
    ]
    assert authors == [["Alpaydin", "Kaynak"], ["LeCun", "Cortes", "Burges"]]
