"""`zoo init`, `zoo check` and `zoo schema`."""

import csv
import errno
import json
import os
import re
import tomllib
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.entries import SMALLEST
from zoo.config import load, templates
from zoo.config.catalog import read_catalog
from zoo.config.json_schema import schema
from zoo.errors import ConfigError
from zoo.system.commands import quote
from zoo.training.estimate import estimate

BAD = """\
name = "bad"
summary = "Everything is wrong."
data = "digits"
preprocess = { divide = 16 }

[train]
epochs = 3
rate = -1
bath = 64
augment = [
    { kind = "shift", pixels = 1 },
    { kind = "shitf", pixels = 1 },
]
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_init() -> None:
    """A new entry has comments, is valid, and trains."""
    lines = zoo_ok("init", "my-net").splitlines()
    assert lines == [
        "my-net.toml",
        "next     zoo check my-net.toml",
        "         zoo train my-net.toml",
    ]
    text = Path("my-net.toml").read_text()
    assert set(tomllib.loads(text)) == {"name", "summary", "data", "preprocess", "network", "train"}
    assert text.count("#") > 15
    zoo_ok("check", "my-net.toml")
    assert "on test" in zoo_ok("train", "my-net.toml", "--epochs", 2)


def test_init_json() -> None:
    assert json.loads(zoo_ok("init", "my-net", "-o", "a b.toml", "--json")) == {
        "name": "my-net",
        "path": "a b.toml",
        "files": ["a b.toml"],
        "next": [f"zoo check {quote('a b.toml')}", f"zoo train {quote('a b.toml')}"],
    }


def test_init_dry_run_or_stdout() -> None:
    """A dry run names the files; `-o -` prints the entry."""
    assert zoo_ok("init", "my-net", "-n") == "my-net.toml\nNothing was written.\n"
    package = zoo_ok("init", "--plugin", "my-zoo", "-n").splitlines()
    assert (package[0], package[-1]) == ("my-zoo/pyproject.toml", "Nothing was written.")
    assert not Path("my-net.toml").exists()
    assert not Path("my-zoo").exists()
    assert zoo_ok("init", "my-net", "-o", "-") == templates.new_entry("my-net")
    refused = zoo("init", "--plugin", "my-zoo", "-o", "-")
    assert (refused.exit_code, refused.stdout) == (2, "")
    Path("my-net.toml").write_text("mine")
    assert zoo("init", "my-net", "-n").exit_code == 2


@pytest.mark.parametrize("name", ENTRIES)
def test_copy_of_an_entry(name: str) -> None:
    """A copy does not have the claim, results or weights of its original."""
    listed = read_catalog().entries[name]
    text = listed.path.read_text(encoding="utf-8")
    copy = load.parse(templates.copy_entry(text, "my-copy"), where="copy")
    changed = {"name": "my-copy", "summary": f"A copy of {name}, to be changed."}
    assert copy == {
        key: value
        for key, value in (listed.raw | changed).items()
        if key not in {"origin", "claim", "results", "weights", "variant_of"}
    }
    assert load.check(copy, where="copy").differences(listed.entry) == {}
    recipe = text[text.index("[preprocess]") : text.index("[results]")]
    assert recipe.strip() in templates.copy_entry(text, "my-copy")  # comments and all


def test_copy_inline_table() -> None:
    text = 'variant_of = "x"\n# of the claim\nclaim = { value = 0.9 }  # it says\nname = "a"\n'
    assert templates.copy_entry(text, "b").splitlines()[3:] == ['name = "b"']


def test_copy_keeps_comments() -> None:
    text = '# mine\nname = "a"\n\n# its\n[claim]\nvalue = 0.9\n\n# ours\n[data]  # small\n'
    copied = templates.copy_entry(text, "b").splitlines()
    assert copied[3:] == ["# mine", 'name = "b"', "", "# ours", "[data]  # small"]


def test_init_refused() -> None:
    Path("there.toml").write_text("mine")
    existing = zoo("init", "there")
    assert (existing.exit_code, Path("there.toml").read_text()) == (2, "mine")
    assert existing.stderr.startswith("zoo: there.toml already exists; nothing was written.\n")
    wrong = zoo("init", "My Net")
    assert wrong.exit_code == 2
    message = "zoo: Invalid entry name; expected a name such as my-net-2, got "
    assert wrong.stderr == f"{message}'My Net'.\n"
    for name in ("a\\d", "a\\1", 'a"b', "", "a/b"):
        refused = zoo("init", name, "--from", "mnist-128")
        assert refused.exit_code == 2
        assert refused.stderr.startswith(message)
    assert zoo("init", "net", "-o", "net.txt").exit_code == 2
    unknown = zoo("init", "net", "--from", "mnist-182")
    assert unknown.stderr.splitlines()[1].strip() == "Did you mean 'mnist-128'?"
    assert [path.name for path in Path.cwd().iterdir() if path.is_file()] == ["there.toml"]


def test_check_faults() -> None:
    Path("bad.toml").write_text(BAD)
    Path("own.toml").write_text(SMALLEST)
    done = zoo("check", "bad.toml", "own.toml")
    assert done.exit_code == 2
    assert done.stdout.splitlines()[:6] == [
        "bad.toml:1: network: missing.",
        "bad.toml:6: train.weights: missing.",
        "bad.toml:8: train.rate: expected above 0, got -1.",
        "bad.toml:9: train.bath: unknown key. Did you mean 'train.batch'?",
        "bad.toml:12: train.augment.1.kind: there is no 'shitf'. Did you mean 'shift'?",
        "own.toml: smallest is a valid entry",
    ]
    assert done.stderr == ""


def test_check_key_at_the_wrong_level() -> None:
    Path("own.toml").write_text(f"{SMALLEST}[optimizer]\nkind = 'adam'\n")
    line = 1 + len(SMALLEST.splitlines())
    assert zoo("check", "own.toml").stdout == (
        f"own.toml:{line}: optimizer: unknown key. Did you mean 'train.optimizer'?\n"
    )


def test_check_json() -> None:
    Path("bad.toml").write_text("name = 3\n\n= 4")
    Path("own.toml").write_text(SMALLEST)
    Path("large.toml").write_text(SMALLEST.replace("[10]", "[1000000, 1000000]"))
    done = zoo("check", "--json", "bad.toml", "own.toml", "large.toml")
    assert done.exit_code == 2
    bad, own, large = json.loads(done.stdout)
    ((line, key, fault),) = [tuple(problem.values()) for problem in bad["faults"]]
    assert (line, key) == (3, "the entry")
    assert fault.startswith("this is not valid TOML: ")
    assert own["faults"] == []
    assert (own["network"], own["parameters"], own["steps"]) == ("64-10-10", 760, 1)
    assert own["bytes"] > 60e6
    assert 0 < own["seconds"] < 60
    assert " GB to train, and this machine has " in large["faults"][0]["fault"]


def test_check_rows() -> None:
    """A problem is a row of CSV; a valid entry is one too."""
    Path("bad.toml").write_text(BAD)
    Path("own.toml").write_text(SMALLEST)
    rows = list(csv.DictReader(zoo("check", "own.toml", "bad.toml", "--csv").stdout.splitlines()))
    assert [(row["name"], row["line"]) for row in rows] == [
        ("smallest", ""), ("bad", "1"), ("bad", "6"), ("bad", "8"), ("bad", "9"), ("bad", "12"),
    ]  # fmt: skip
    assert (rows[0]["network"], rows[3]["key"]) == ("64-10-10", "train.rate")
    markdown = zoo("check", "own.toml", "bad.toml", "--md").stdout.splitlines()
    assert markdown[0] == "| file | line | key | result | network | memory | time |"
    assert re.fullmatch(
        r"\| own.toml \| \| \| smallest is a valid entry \| 64-10-10, 760 parameters "
        r"\| about \d+ MB \| about [^|]+ for 1 step \|",
        markdown[2],
    )
    assert markdown[5] == "| bad.toml | 8 | train.rate | expected above 0, got -1. | | | |"


def test_check_line_in_a_pipe() -> None:
    """A long problem has one line, which editors parse; in a terminal it wraps at words."""
    name = f"{'long-' * 40}name.toml"
    Path(name).write_text(BAD)
    assert len(zoo("check", name).stdout.splitlines()) == 5
    assert len(zoo("check", name, COLUMNS=80).stdout.splitlines()) > 5


def test_check_missing_file() -> None:
    done = zoo("check", "none.toml")
    assert done.exit_code == 2
    assert done.stdout == ("none.toml:1: none.toml does not exist.\n")


def test_check_table() -> None:
    """A table is checked without memory for its rows."""
    table = "{ kind = 'table', columns = 7, classes = 300, rows = 900 }"
    Path("table.toml").write_text(SMALLEST.replace('"digits"', table))
    assert "smallest is a valid entry" in zoo_ok("check", "table.toml")
    Path("huge.toml").write_text(SMALLEST.replace('"digits"', table.replace("900", "100000000000")))
    done = zoo("check", "huge.toml")
    assert done.exit_code == 2
    assert " GB to train, and this machine has " in done.stdout
    assert zoo("compare", "table.toml").exit_code in {0, 2}
    assert "Traceback" not in zoo("compare", "table.toml").stderr


def test_estimate_grows_with_the_steps() -> None:
    clock = count().__next__
    raw = load.parse(SMALLEST, where="test")
    short, long = (
        estimate(load.check(load.override(raw, [("train.epochs", epochs)]), where="test"), clock)
        for epochs in (10, 30)
    )
    assert (short.steps, long.steps) == (10, 30)
    assert long.seconds == pytest.approx(3 * short.seconds)
    assert short.memory == long.memory


@cache
def validator() -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(schema())


def complaints(raw: dict[str, Any]) -> list[str]:
    return [error.json_path for error in validator().iter_errors(raw)]


def test_schema_printed() -> None:
    validator().check_schema(schema())
    text = zoo_ok("schema")
    assert json.loads(text) == schema()
    assert text == zoo_ok("schema", "--json") == zoo_ok("schema", "--format", "table")
    zoo_ok("schema", "-o", "zoo.schema.json")
    assert Path("zoo.schema.json").read_text() == text
    keys = zoo_ok("schema", "--csv").splitlines()
    assert keys[:3] == ["name,required", "format,False", "name,True"]
    assert zoo_ok("schema", "-q").splitlines() == list(schema()["properties"])


def test_schema_describes_every_key() -> None:
    """Every key has a description, and every kind; an editor shows them."""
    full = schema()
    models = {"Entry": full, **full["$defs"]}
    described = {
        f"{name}.{key}": "description" in key_schema
        for name, model in models.items()
        for key, key_schema in model.get("properties", {}).items()
        if key != "kind"
    }
    assert len(described) > 80
    assert [key for key, has_description in described.items() if not has_description] == []
    kinds = [name for name, model in full["$defs"].items() if "properties" in model]
    assert [name for name in kinds if "description" not in full["$defs"][name]] == []


@pytest.mark.parametrize("name", ENTRIES)
def test_schema_of_each_entry(name: str) -> None:
    assert complaints(read_catalog().entries[name].raw) == []


def test_schema_of_a_new_entry() -> None:
    assert complaints(tomllib.loads(templates.new_entry("my-net"))) == []


SETTINGS = st.sampled_from(
    [
        ("train.optimizer", "adam"),
        ("train.optimizer", "adamw"),  # needs its decay
        ("train.optimizer", {"kind": "adamw", "decay": 0.1}),
        ("train.optimizer", {"kind": "sgd", "momentum": 1}),
        ("train.schedule", "cosine"),
        ("train.schedule", {"kind": "step", "every": 3}),
        ("train.weights", "zeros"),
        ("train.biases", "he"),
        ("train.rate", 1),
        ("train.rate", 0),
        ("train.epochs", 2.5),
        ("train.bath", 3),
        ("network.hidden", [10, 10]),
        ("network.hidden", [0]),
        ("network.block", ["dense", "relu", {"kind": "dropout", "rate": 0.1}]),
        ("network.block", ["dense", "dropout"]),
        ("data", "mnist"),
        ("data", {"kind": "digits", "split": {"test": 3}}),
        ("data", "iris"),
        ("train.augment", [{"kind": "stroke", "share": 0.2}]),
        ("train.augment", ["stroke"]),
    ]
)


@given(st.lists(SETTINGS, max_size=3))
def test_schema_agrees_with_check(settings: list[tuple[str, object]]) -> None:
    raw = load.override(load.parse(SMALLEST, where="test"), settings)
    try:
        load.check(raw, where="test")
    except ConfigError:
        assert complaints(raw)
    else:
        assert complaints(raw) == []


@pytest.mark.parametrize("command", [("list",), ("show", "digits-10"), ("plugins",), ("env",)])
def test_settings_folder_that_may_not_be_entered(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """In a container ~/.config may belong to somebody else; root may enter all, hence the patch."""
    settings = platformdirs.user_config_path("zoo")
    stat = Path.stat

    def refused(path: Path, **options: Any) -> os.stat_result:
        if path.is_relative_to(settings):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refused)
    assert zoo(*command).exit_code == 0


@pytest.mark.parametrize("command", ["show", "check", "train", "evaluate", "export", "resume"])
def test_name_of_300_letters(command: str) -> None:
    """The system refuses such a path, with one sentence."""
    result = zoo(command, "x" * 300, *(["--onnx"] if command == "export" else []))
    assert result.exit_code in {1, 2, 3}
    assert result.stderr.startswith("zoo: ")


def test_check_beside_a_folder_of_that_name() -> None:
    """`zoo train` and exports make folders with the names of entries."""
    Path("digits-10").mkdir()
    assert "digits-10 is a valid entry" in zoo_ok("check", "digits-10")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("97", "97; write 0.97 for 97 %."),
        ("95.4", "95.4; write 0.954 for 95.4 %."),
        ("970", "970."),
    ],
)
def test_check_percentage(value: str, words: str) -> None:
    """A README says 97 %, the entry wants the share."""
    claim = f"claim = {{ value = {value}, split = 'train', tolerance = 0.1 }}\n"
    Path("own.toml").write_text(SMALLEST + claim)
    assert f"claim.value: expected below 1, got {words}" in zoo("check", "own.toml").stdout
