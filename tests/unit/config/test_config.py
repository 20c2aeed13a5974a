"""The schema of an entry, and its errors."""

from collections.abc import Iterator
from contextlib import suppress
from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.entries import SMALLEST
from zoo.config import json_schema, load
from zoo.config.catalog import read_catalog
from zoo.config.entry import Claim, Entry
from zoo.config.preprocess import Preprocess
from zoo.errors import ConfigError


def entry(*assignments: str) -> Entry:
    """Return the smallest entry with some keys changed."""
    raw = load.parse(SMALLEST, where="test")
    changed = load.override(raw, [load.parse_assignment(text) for text in assignments])
    return load.check(changed, where="test")


def error_of(*assignments: str) -> str:
    with pytest.raises(ConfigError) as caught:
        entry(*assignments)
    return str(caught.value)


def test_check_several_issues() -> None:
    """All issues are reported at once, with the nearest valid key."""
    assert error_of(
        "epoch=3",
        "train.rate=-1",
        "train.bath=64",
        "train.optimizer=adma",
        "data.split.validaton=5",
        'network.block=["dense", "rlu"]',
        "train.schedule.every=3",
        "train.weights={kind='normal', sdt=3}",
    ) == (
        "test has 9 problems:\n"
        "  data.split.validaton: unknown key. Did you mean 'data.split.validation'?\n"
        "  network.block.1.kind: there is no 'rlu'. Did you mean 'relu'?\n"
        "  train.rate: expected above 0, got -1.\n"
        "  train.optimizer.kind: there is no 'adma'. Did you mean 'adam'?\n"
        "  train.schedule.kind: missing; expected one of constant, step, exponential, cosine.\n"
        "  train.weights.std: missing.\n"
        "  train.weights.sdt: unknown key. Did you mean 'train.weights.std'?\n"
        "  train.bath: unknown key. Did you mean 'train.batch'?\n"
        "  epoch: unknown key. Did you mean 'train.epochs'?"
    )


@pytest.mark.parametrize(
    ("assignment", "suggestion"),
    [
        ("rate=3", "Did you mean 'train.rate'?"),
        ("epochs=5", "Did you mean 'train.epochs'?"),
        ("optimizer=adam", "Did you mean 'train.optimizer'?"),
        ("momentum=0.9", "Did you mean 'train.optimizer.momentum'?"),
        ("train.optimizer.rate=3", "Did you mean 'train.rate'?"),
        ("train.hidden=[3]", "Did you mean 'network.hidden'?"),
        ("data.seed=3", "Did you mean 'data.split.seed' or 'train.seed'?"),
        ("hiden=[3]", "Did you mean 'network.hidden'?"),
        ("fromat=1", "Did you mean 'format'?"),
        ("train.optimzer=adam", "Did you mean 'train.optimizer'?"),
        ("lr=3", "Did you mean 'train.rate'?"),
        ("train.lr=3", "Did you mean 'train.rate'?"),
        ("train.optimizer.learning_rate=3", "Did you mean 'train.rate'?"),
        ("batch_size=3", "Did you mean 'train.batch'?"),
        ("data.path=3", "Known: split, kind."),
        ("train.optimizer.beta1=0.9", "Known: kind, momentum, nesterov."),  # a key of adam
    ],
)
def test_check_key_at_the_wrong_level(assignment: str, suggestion: str) -> None:
    """The suggestion is the key at its right level, which --set accepts."""
    with pytest.raises(load.InvalidEntryError) as caught:
        entry("train.optimizer={kind='sgd'}", assignment)
    key = assignment.partition("=")[0]
    assert list(map(str, caught.value.issues)) == [f"{key}: unknown key. {suggestion}"]


@pytest.mark.parametrize(
    ("assignment", "issue"),
    [
        ("train.epochs=0", "train.epochs: expected at least 1, got 0."),
        ("train.epochs='5'", "train.epochs: expected a valid integer, got '5'."),
        ("train.epochs=true", "train.epochs: expected a valid integer, got True."),
        ("train.rate=nan", "train.rate: expected a finite number, got nan."),
        ("train.rate=inf", "train.rate: expected a finite number, got inf."),
        ("train.rate=0", "train.rate: expected above 0, got 0."),
        ("train.seed=-1", "train.seed: expected at least 0, got -1."),
        ("train.seed=4294967296", "train.seed: expected below 4294967296, got 4294967296."),
        ("train.iterations=5", "train.iterations: expected either epochs or iterations, got both."),
        (
            "train.batch=1798",
            "train.batch: expected at most the 1,797 rows to train on, got 1,798.",
        ),
        ("data.split.test=1797", "data: the splits need 1,798 rows, and the data has 1,797."),
        (
            "data={kind='mnist', split={test=5}}",
            "data: this data has a test split of its own, so split.test must stay 0.",
        ),
        ("preprocess.mean='x'", "preprocess.mean: expected a valid number, got 'x'."),
        ("preprocess.std=0", "preprocess.std: expected at least 0.000001, got 0."),
        ("network.hidden=[0]", "network.hidden.0: expected at least 1, got 0."),
        ("network.block=['relu']", "network.block: expected exactly one dense layer in the block."),
        ("network.input=['dense']", "network.input: dense layers belong in the block."),
        (
            "train.optimizer={kind='sgd', nesterov=true}",
            "train.optimizer: nesterov needs a momentum above 0.",
        ),
        ("train.weights={kind='uniform', low=1, high=1}", "train.weights: low must be below high."),
        ("train.biases=he", "train.biases.kind: there is no 'he'. Known: zeros, uniform, normal."),
        ("train=3", "train: expected a table, got 3."),
        ("data=3", "data: expected a table, got 3."),
        ("network.hidden=10", "network.hidden: expected a valid list, got 10."),
        (
            "train.weights={kind='normal', std=1e300}",
            "train.weights.std: expected at most 1000000, got 1e+300.",
        ),
        ("preprocess.divide=1e-50", "preprocess.divide: expected at least 0.000001, got 1e-50."),
        (
            "train.schedule={kind='step', every=1, factor=2}",
            "train.schedule.factor: expected at most 1, got 2.",
        ),
        ("format=0", "format: expected 1, got 0."),
        (
            "origin={title='t', licence='l', stated=['train.rat']}",
            "origin.stated.0: 'train.rat' is not a key of this entry.",
        ),
        (
            "claim={value=0.9, split='test', tolerance=0.1, quote='q'}",
            "claim.split: the data does not have a test split.",
        ),
    ],
)
def test_check_issue(assignment: str, issue: str) -> None:
    assert error_of(assignment) == f"test has 1 problem:\n  {issue}"


@pytest.mark.parametrize(
    ("key", "value", "most"),
    [
        ("network.hidden", 1, 1000),
        ("network.block", "relu", 20),
        ("network.input", "relu", 20),
        ("train.augment", {"kind": "shift", "pixels": 1}, 20),
        ("preprocess.mean", 0.5, 10_000),
        ("preprocess.std", 0.5, 10_000),
        ("origin.stated", "network.hidden", 100),
        ("data.labels", "a", 5000),
    ],
)
def test_check_length_of_a_list(key: str, value: object, most: int) -> None:
    """A list of hundreds of thousands is refused before anything is built from it."""
    described = {"kind": "table", "rows": 9, "columns": 3, "classes": 3}
    raw = load.parse(SMALLEST, where="test") | {"data": described}
    raw["origin"] = {"title": "a", "licence": "b"}
    with pytest.raises(load.InvalidEntryError) as caught:
        load.check(load.override(raw, [(key, [value] * (most + 1))]), where="test")
    expected = f"{key}: expected at most {most:,} values, got {most + 1:,}."
    assert expected in map(str, caught.value.issues)


def test_schema_length_of_every_list() -> None:
    """Each list of an entry has a greatest length."""

    def lists(node: object) -> Iterator[dict[str, Any]]:
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        for item in inner:
            yield from lists(item)
        if isinstance(node, dict) and node.get("type") == "array":
            yield node

    assert len(found := list(lists(json_schema.schema()))) >= 8
    assert all("maxItems" in one for one in found)


def test_check_newer_format() -> None:
    with pytest.raises(ConfigError) as caught:
        entry("format=2", "train.new=3")
    assert str(caught.value) == ("test has format 2, for a newer zoo; this version reads format 1.")
    assert caught.value.hint == "Run `git pull` and `pip install .` in the clone of zoo."


def test_check_contradictions() -> None:
    assert error_of(
        "train.batch=1798",
        "train.patience=2",
        "origin={title='t', licence='l', stated=['data', 'train.rat', 'bath']}",
    ) == (
        "test has 4 problems:\n"
        "  train.batch: expected at most the 1,797 rows to train on, got 1,798.\n"
        "  train.patience: it needs a validation split, and data.split.validation is 0.\n"
        "  origin.stated.1: 'train.rat' is not a key of this entry.\n"
        "  origin.stated.2: 'bath' is not a key of this entry."
    )


@pytest.mark.parametrize(
    "name", ["../x", "", "-dash", "a/b", "x" * 65, "Capital", "ünicode", "a b", "x\n", ".dot"]
)
def test_check_name(name: str) -> None:
    raw = load.parse(SMALLEST, where="test") | {"name": name}
    with pytest.raises(ConfigError, match="name: "):
        load.check(raw, where="test")


@pytest.mark.parametrize("name", ["con", "nul.v2", "lpt1"])
def test_check_name_of_a_device(name: str) -> None:
    """A registry is shared, so a name that Windows does not allow is refused on every system."""
    assert error_of(f"name={name!r}") == (
        "test has 1 problem:\n"
        f"  name: expected a name that Windows allows for a file, got {name!r}."
    )
    assert entry("name='con-2'").name == "con-2"


def test_parse_not_toml() -> None:
    with pytest.raises(ConfigError, match=r"x\.toml is not valid TOML: .*line 2"):
        load.parse("a = 1\nb = \nc = 2", where="x.toml")


def test_entry_layers_and_parameters() -> None:
    deep = entry(
        "network.hidden=[20, 10]",
        "network.block=['dense', 'batch_norm', 'relu', {kind='dropout', rate=0.5}]",
        "network.input=[{kind='dropout', rate=0.1}]",
    )
    layers = [(spec.layer.kind, spec.inputs, spec.outputs, spec.parameters) for spec in deep.layers]
    assert layers == [
        ("dropout", 64, 64, 0),
        ("dense", 64, 20, 65 * 20),
        ("batch_norm", 20, 20, 40),
        ("relu", 20, 20, 0),
        ("dropout", 20, 20, 0),
        ("dense", 20, 10, 21 * 10),
        ("batch_norm", 10, 10, 20),
        ("relu", 10, 10, 0),
        ("dropout", 10, 10, 0),
        ("dense", 10, 10, 11 * 10),
    ]
    assert deep.parameters == 1300 + 40 + 210 + 20 + 110
    assert deep.architecture == "64-20-10-10"


def test_entry_without_hidden_layer() -> None:
    assert entry("network.hidden=[]").parameters == 65 * 10


def test_claim_verdict() -> None:
    claim = Claim(value=0.5, split="test", tolerance=0.125, quote="")
    verdicts = [claim.verdict(accuracy) for accuracy in (0.374, 0.375, 0.5, 0.625, 0.626)]
    assert verdicts == ["missed", "reproduced", "reproduced", "reproduced", "beaten"]


def test_preprocess_scale() -> None:
    standard = Preprocess(divide=255, mean=0.1307, std=0.3081)
    scale, shift = standard.scale, standard.shift
    assert isinstance(scale, float)
    assert isinstance(shift, float)
    assert 200 * scale + shift == pytest.approx((200 / 255 - 0.1307) / 0.3081)


def test_preprocess_columns() -> None:
    raw = "data={kind='table', columns=2, classes=3, rows=9}"
    table = entry(raw, "preprocess={divide=2, mean=[1, 2], std=[4, 8]}")
    assert table.preprocess.scale == (1 / 8, 1 / 16)
    assert table.preprocess.column_means == (2, 4)
    assert table.preprocess.shift == 0
    assert table.architecture == "2-10-3"
    assert (
        "preprocess: mean and std must be two numbers, or two lists of equal length."
        in error_of(raw, "preprocess={divide=2, mean=[1, 2]}")
    )
    assert "preprocess.mean: expected a number, or one for each of 2 columns." in error_of(
        raw, "preprocess={divide=2, mean=[1], std=[1]}", "train.augment=[]"
    )
    assert "train.augment: expected images to augment, got a table." in error_of(
        raw, "train.augment=[{kind='shift', pixels=1}]"
    )


def test_override_word_into_table() -> None:
    """A string becomes a table, and the original is unchanged."""
    raw: dict[str, Any] = {"train": {"optimizer": "sgd"}}
    changed = load.override(raw, [("train.optimizer.momentum", 0.9), ("train.batch", 8)])
    assert changed == {"train": {"optimizer": {"kind": "sgd", "momentum": 0.9}, "batch": 8}}
    assert raw == {"train": {"optimizer": "sgd"}}


def test_override_none() -> None:
    assert load.override({"a": {"b": 1, "c": 2}}, [("a.b", None), ("a.x", None)]) == {"a": {"c": 2}}


def test_override_key_into_a_number() -> None:
    with pytest.raises(ConfigError, match=r"no key 'train\.rate\.x': 'rate' is not a table"):
        load.override({"train": {"rate": 1}}, [("train.rate.x", 1)])


@pytest.mark.parametrize("text", ["", "=", "=1", "train.rate", ".=1", "a..b=1"])
def test_parse_assignment_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="Invalid --set; expected KEY=VALUE"):
        load.parse_assignment(text)


@given(
    st.lists(st.text(ascii_lowercase, min_size=1, max_size=8), min_size=1, max_size=4).map(
        ".".join
    ),
    st.one_of(
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
    ),
)
def test_parse_assignment_round_trip(key: str, value: object) -> None:
    written = str(value).lower() if isinstance(value, bool) else repr(value)
    read_key, read_value = load.parse_assignment(f"{key}={written}")
    table: Any = load.override({}, [(read_key, read_value)])
    for part in key.split("."):
        table = table[part]
    assert table == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["name", "data", "kind", "train", "network", "block", "x"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_check_any_table(raw: object) -> None:
    if isinstance(raw, dict):
        smallest = load.parse(SMALLEST, where="test")
        for table in (raw, smallest | raw, smallest | {"train": raw}, smallest | {"network": raw}):
            with suppress(ConfigError):
                load.check(table, where="test")


def test_entries_of_the_readmes() -> None:
    entries = {name: listed.entry for name, listed in read_catalog().entries.items()}
    assert {
        name: (
            item.architecture,
            item.data.kind,
            item.claim and (item.claim.value, item.claim.split),
        )
        for name, item in entries.items()
        if item.origin
    } == {
        "digits-10": ("64-10-10", "digits", (0.954, "test")),
        "kaggle-10": ("784-10-10", "kaggle", (0.88, "train")),
        "mnist-10-decay": ("784-10-10", "mnist", (0.79, "test")),
        "mnist-10-sgd": ("784-10-10", "mnist", (0.906, "test")),
        "mnist-128": ("784-128-10", "mnist", (0.827, "validation")),
    }
