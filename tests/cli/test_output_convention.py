"""Every command has the same output options, and fits 80 columns."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from zoo.cli.examples import EXAMPLES

from tests.helpers.command import Result, zoo, zoo_ok
from tests.helpers.command_examples import COMMANDS, prepare, replace_slow, runner

FILES = ("export", "bundle", "demo", "init")  # -o names the file that they write
WHOLE = ("schema", "bench", "env")  # their --json is one object that is not a thing with a name
LINES = (  # their table format is plain lines
    *("export", "bundle", "demo", "init", "verify", "check", "schema", "train", "resume"),
    "predict",
    *("runs path", "data fetch", "data verify", "data path", "data import", "plugins check"),
    "data sample",
)
MEASURED = ("seconds", "microseconds_per_image")  # keys whose value differs each time
QUIET = {  # what -q prints where it is not the names of the objects
    "predict": ["3", "4"],  # the classes
    "ablate": ["He initialization", "L2"],  # the components
    "tune": ["studies/digits-10/best.toml"],  # the best entry
    "data sample": [
        *(f"samples/{digit}.png" for digit in range(10)),
        "samples/page.jpg",
    ],  # the paths
}
WITH_OUT = [name for name in COMMANDS if name not in FILES]
COLOUR = re.compile(r"\x1b\[[0-9;]+m")

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    prepare(folder)
    return folder


@pytest.fixture
def run(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a folder of its own."""
    replace_slow(monkeypatch)
    return runner(prepared, tmp_path)


def parsed(text: str) -> Any:
    """Return JSON without measurements."""

    def without_measured(item: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in item.items() if key not in MEASURED}

    return json.loads(text, object_hook=without_measured)


def test_every_command_is_here() -> None:
    assert set(COMMANDS) == set(EXAMPLES)


@pytest.mark.parametrize("name", COMMANDS)
def test_output_json_and_names(name: str, run: Run) -> None:
    """--json is --format json; each object has a name, and -q prints the names alone."""
    done = run(name, "--format", "json", "-v")
    assert "zoo: took " in done.stderr
    data = parsed(done.stdout)
    assert parsed(run(name, "--json").stdout) == data
    rows = [json.loads(line) for line in run(name, "--format", "jsonl").stdout.splitlines()]
    assert rows
    objects = rows if name in WHOLE else [data] if isinstance(data, dict) else data
    key = "source" if name == "predict" else "name"
    names = list(dict.fromkeys(str(item[key]) for item in objects))
    assert run(name, "-q").stdout.splitlines() == QUIET.get(name, names)


@pytest.mark.parametrize("name", COMMANDS)
def test_output_csv_and_markdown(name: str, run: Run) -> None:
    table = csv.DictReader(io.StringIO(run(name, "--format", "csv").stdout))
    rows = list(table)
    assert ("source" if name == "predict" else "name") in (table.fieldnames or ())
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)
    markdown = run(name, "--format", "md").stdout.splitlines()
    heads = [line for line in markdown if set(line) <= set("|-:") and "---" in line]
    assert heads
    assert all(line.startswith("|") and line.endswith("|") for line in heads)


@pytest.mark.parametrize("name", COMMANDS)
def test_output_colour(name: str, run: Run) -> None:
    """Colours are shown in a pipe if they are requested, and never against --color or NO_COLOR."""
    settings = {"NO_COLOR": None, "TERM": "xterm-256color"}
    coloured = run(name, "--color", "always", **settings).stdout
    assert bool(COLOUR.search(coloured)) is (name not in LINES)
    for options, chosen in ((("--color", "never"), {}), ((), {"NO_COLOR": 1})):
        done = run(name, *options, **{**settings, "FORCE_COLOR": 1, **chosen})
        assert not COLOUR.search(done.stdout + done.stderr)


@pytest.mark.parametrize("name", WITH_OUT)
def test_output_file(name: str, run: Run, tmp_path: Path) -> None:
    """-o FILE holds what stdout would, and - is stdout."""
    file = tmp_path / "result"
    done = run(name, "--json", "-o", file)
    assert done.stdout == ""
    assert re.search(rf"^zoo: wrote (2 predictions to )?{file}$", done.stderr, re.MULTILINE)
    assert parsed(file.read_text()) == parsed(run(name, "--json", "-o", "-").stdout)


A_FOLDER = [(name, "--out") for name in (*WITH_OUT, "bundle", "demo")]


@pytest.mark.parametrize(
    ("name", "option"), [*A_FOLDER, ("evaluate", "--html"), ("predict", "--submission")]
)
@pytest.mark.parametrize("folder", [".", ""])
def test_output_folder(name: str, option: str, folder: str) -> None:
    """A folder is not an output file; one sentence says so before the work begins."""
    done = zoo(*name.split(), *COMMANDS[name], option, folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "zoo: . is a folder; expected a file.\n     Name a file in it.\n"


@pytest.mark.parametrize("name", FILES)
def test_output_dash_excludes_formats(name: str) -> None:
    """Stdout cannot hold the file and also its description."""
    for option in ("--json", "-q", "-n"):
        done = zoo(name, *COMMANDS[name], "-o", "-", option)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith("zoo: -o - writes the file to stdout; ")


PAGES = dict.fromkeys(("evaluate", "compare", "ablate", "tune"), "--html") | {"bench": "--plot"}


@pytest.mark.parametrize(("name", "option"), PAGES.items())
def test_output_page_on_stdout(name: str, option: str, run: Run, tmp_path: Path) -> None:
    """`--html -` writes the page to stdout and nothing else; -o FILE still holds the result."""
    done = run(name, option, "-")
    assert done.stdout.startswith("<!DOCTYPE html>" if option == "--html" else "<svg")
    assert done.stdout.rstrip().endswith("</html>" if option == "--html" else "</svg>")
    assert list(tmp_path.rglob("-")) == []
    file = tmp_path / "result.json"
    assert run(name, option, "-", "--json", "-o", file).stdout.startswith("<")
    assert json.loads(file.read_text())


@pytest.mark.parametrize(("name", "option"), PAGES.items())
def test_output_page_excludes_formats(name: str, option: str) -> None:
    for other in ("--json", "-q"):
        done = zoo(name, *COMMANDS[name], option, "-", other)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith(f"zoo: {option} - writes the file to stdout; ")


def assert_fits(text: str) -> None:
    """Assert that no line has more than 80 columns, unless it is one word, such as a path."""
    for line in text.splitlines():
        assert len(line) <= 80 or " " not in line.strip(), line


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "schema"])  # a file
def test_output_80_columns(name: str, run: Run) -> None:
    done = run(name, COLUMNS=80)
    assert_fits(done.stdout)
    assert_fits(done.stderr)


@pytest.mark.parametrize("name", ["", "runs", "data", "plugins", *COMMANDS])
def test_help_80_columns(name: str) -> None:
    assert_fits(zoo_ok(*name.split(), "--help", COLUMNS=80))


@pytest.mark.parametrize("name", COMMANDS)
def test_usage_error_80_columns(name: str) -> None:
    done = zoo(*name.split(), "--no-such-option-for-anything", COLUMNS=80)
    assert (done.exit_code, done.stdout) == (2, "")
    assert_fits(done.stderr)


@pytest.mark.parametrize("name", ["", "runs", "data", "plugins", "ls", "runs ls", *COMMANDS])
def test_help_example(name: str) -> None:
    """Every page ends with an example of its command; values have plain names."""
    page = zoo_ok(*name.split(), "--help", COLUMNS=80)
    example = page.partition("\nExample:\n")[2].strip()
    assert example.startswith(f"zoo {name.replace('ls', 'list')}")
    assert not re.search(r"\bTEXT\b", page)


@pytest.mark.parametrize("name", ["runs", "data", "plugins"])
def test_help_default_command(name: str) -> None:
    """A group without a command lists; no help text is cut."""
    lines = zoo_ok(name, "--help", COLUMNS=80).splitlines()
    assert lines[0] == f"Usage: zoo {name} [OPTIONS] [COMMAND] [ARGS]..."
    defaults = [line.split()[0] for line in lines if line.endswith(" [default]")]
    assert defaults == ["list"]
    assert not any(line.endswith("...") for line in lines[1:])
