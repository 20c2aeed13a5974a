"""Search space: parsing of `--space`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.entries import recipe
from zoo.analysis.search_space import Choice, Range, combinations, grid_corners, parse, settings
from zoo.errors import ConfigError


def test_parse_ranges_and_choices() -> None:
    assert parse(
        [
            "train.rate=log:1e-3..1",
            "train.l2 = 0..0.5",
            "network.hidden=16,32,64",
            "train.batch=8..64",
            "train.epochs=log:1..1000",
            'train.optimizer=sgd,{ kind = "adamw", decay = 0.1 },"adam"',
            "network.block=['dense','relu'],['dense','tanh']",
            "train.schedule=cosine",
        ]
    ) == {
        "train.rate": Range(0.001, 1, log=True),
        "train.l2": Range(0, 0.5),
        "network.hidden": Choice(("16", "32", "64")),
        "train.batch": Range(8, 64),
        "train.epochs": Range(1, 1000, log=True),
        "train.optimizer": Choice(("sgd", '{ kind = "adamw", decay = 0.1 }', '"adam"')),
        "network.block": Choice(("['dense','relu']", "['dense','tanh']")),
        "train.schedule": Choice(("cosine",)),
    }


def test_choice_values() -> None:
    """A choice is a TOML value or a bare word."""
    texts = ("16", "1e-3", "true", "sgd", '"adam"', "[8, 4]", '{ kind = "adamw", decay = 0.1 }')
    assert Choice(texts).bounds == (
        *(16, 0.001, True, "sgd", "adam", [8, 4]),
        {"kind": "adamw", "decay": 0.1},
    )


def test_range_of_integers() -> None:
    """Two integers are a range of integers."""
    assert [Range(*ends).is_integer for ends in ((8, 64), (0, 0.5), (0.0, 1.0))] == [
        True,
        False,
        False,
    ]


def test_axis_share() -> None:
    """A share is the position of a value on its axis, from 0 to 1."""
    assert Range(0.001, 1, log=True).position(0.01) == pytest.approx(1 / 3)
    assert Range(10, 20).position(15) == 0.5
    assert [Choice(("a", "b", "c")).position(text) for text in "abc"] == [0, 0.5, 1]
    assert Choice(("a",)).position("a") == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("train.rate", "--space: expected KEY=VALUES, got 'train.rate'."),
        ("=1,2", "--space: expected KEY=VALUES, got '=1,2'."),
        ("train.rate=a..b", "--space train.rate=a..b: expected two numbers."),
        ("train.rate=0..inf", "--space train.rate=0..inf: expected two numbers."),
        ("train.rate=1..1", "--space train.rate=1..1: the first number must be the smaller one."),
        (
            "train.rate=log:0..1",
            "--space train.rate=log:0..1: a log range needs numbers above 0.",
        ),
        ("train.rate=1,,2", "--space train.rate=1,,2: a value is empty or given twice."),
        *(
            (
                f"{key}=1,2",
                f"--space cannot search {key}: trials would no longer be comparable.",
            )
            for key in ("train.seed", "data.split.validation", "data", "claim.value", "name")
        ),
        ("train.rate=1,1", "--space train.rate=1,1: a value is empty or given twice."),
    ],
)
def test_parse_refused(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse([text])
    assert str(caught.value) == sentence


def test_parse_keys() -> None:
    """A key is given once, and there is at least one."""
    with pytest.raises(ConfigError, match=r"names train\.rate twice"):
        parse(["train.rate=1,2", "train.rate=3,4"])
    with pytest.raises(ConfigError, match="at least one --space"):
        parse([])


@given(st.text(max_size=30))
def test_parse_any_text(text: str) -> None:
    """Any text is parsed or refused with a ConfigError."""
    try:
        (axis,) = parse([text]).values()
    except ConfigError:
        return
    assert axis.bounds


@given(
    st.lists(
        st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False), min_size=2
    )
)
def test_choice_numbers_round_trip(numbers: list[float]) -> None:
    texts = list(dict.fromkeys(map(repr, numbers)))
    if len(texts) == len(numbers):
        (axis,) = parse([f"key={','.join(texts)}"]).values()
        assert isinstance(axis, Choice)
        assert axis.bounds == tuple(numbers)


def test_settings_width_as_list() -> None:
    """A single width becomes a list."""
    values = {"network.hidden": 16, "train.rate": 0.5, "train.optimizer.kind": "sgd"}
    assert settings(recipe(), values) == [
        ("network.hidden", [16]),
        ("train.rate", 0.5),
        ("train.optimizer.kind", "sgd"),
    ]
    assert settings(recipe(), {"network.hidden": [8, 4]}) == [("network.hidden", [8, 4])]


def test_corners() -> None:
    """The corners have every value at least once."""
    space = parse(["a=1..5", "b=x,y,z"])
    assert grid_corners(space) == [
        {"a": 1, "b": "x"},
        {"a": 5, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 1, "b": "z"},
    ]


def test_combinations() -> None:
    """A grid has every combination; ranges are refused."""
    assert combinations(parse(["a=1,2", "b=x,y"])) == [
        {"a": "1", "b": "x"},
        {"a": "1", "b": "y"},
        {"a": "2", "b": "x"},
        {"a": "2", "b": "y"},
    ]
    with pytest.raises(
        ConfigError, match=r"A grid needs a list of values for a, got the range log:1\.\.2\."
    ):
        combinations(parse(["a=log:1..2"]))
