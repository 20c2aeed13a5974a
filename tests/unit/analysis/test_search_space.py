"""What --space says, and what it must not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.entries import recipe
from zoo.errors import ConfigError
from zoo.spaces import Choice, Range, combinations, corners, parse, settings


def test_ranges_and_choices_are_read() -> None:
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


def test_a_choice_stands_for_a_value_of_a_toml_or_for_a_word() -> None:
    texts = ("16", "1e-3", "true", "sgd", '"adam"', "[8, 4]", '{ kind = "adamw", decay = 0.1 }')
    assert Choice(texts).ends == (
        *(16, 0.001, True, "sgd", "adam", [8, 4]),
        {"kind": "adamw", "decay": 0.1},
    )


def test_two_whole_numbers_are_a_range_of_whole_numbers() -> None:
    assert [Range(*ends).whole for ends in ((8, 64), (0, 0.5), (0.0, 1.0))] == [True, False, False]


def test_a_share_lies_where_the_axis_has_it() -> None:
    assert Range(0.001, 1, log=True).share(0.01) == pytest.approx(1 / 3)
    assert Range(10, 20).share(15) == 0.5
    assert [Choice(("a", "b", "c")).share(text) for text in "abc"] == [0, 0.5, 1]
    assert Choice(("a",)).share("a") == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("train.rate", "--space needs KEY=VALUES, and got 'train.rate'."),
        ("=1,2", "--space needs KEY=VALUES, and got '=1,2'."),
        ("train.rate=a..b", "--space train.rate=a..b: a range is two numbers."),
        ("train.rate=0..inf", "--space train.rate=0..inf: a range is two numbers."),
        ("train.rate=1..1", "--space train.rate=1..1: the first number must be the smaller one."),
        (
            "train.rate=log:0..1",
            "--space train.rate=log:0..1: only numbers above 0 have a logarithm.",
        ),
        ("train.rate=1,,2", "--space train.rate=1,,2: every value is named once."),
        *(
            (
                f"{key}=1,2",
                f"--space cannot choose {key}: it would change what the trials are judged by.",
            )
            for key in ("train.seed", "data.split.validation", "data", "claim.value", "name")
        ),
        ("train.rate=1,1", "--space train.rate=1,1: every value is named once."),
    ],
)
def test_what_is_not_understood_is_said(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse([text])
    assert str(caught.value) == sentence


def test_a_key_is_named_once_and_at_least_one() -> None:
    with pytest.raises(ConfigError, match=r"names train\.rate twice"):
        parse(["train.rate=1,2", "train.rate=3,4"])
    with pytest.raises(ConfigError, match="something to choose from"):
        parse([])


@given(st.text(max_size=30))
def test_any_text_is_understood_or_refused_in_a_sentence(text: str) -> None:
    try:
        (axis,) = parse([text]).values()
    except ConfigError:
        return
    assert axis.ends


@given(st.lists(st.integers() | st.floats(allow_nan=False, allow_infinity=False), min_size=2))
def test_numbers_as_choices_come_back(numbers: list[float]) -> None:
    texts = list(dict.fromkeys(map(repr, numbers)))
    if len(texts) == len(numbers):
        (axis,) = parse([f"key={','.join(texts)}"]).values()
        assert isinstance(axis, Choice)
        assert axis.ends == tuple(numbers)


def test_a_width_alone_is_a_list_where_a_list_is_wanted() -> None:
    values = {"network.hidden": 16, "train.rate": 0.5, "train.optimizer.kind": "sgd"}
    assert settings(recipe(), values) == [
        ("network.hidden", [16]),
        ("train.rate", 0.5),
        ("train.optimizer.kind", "sgd"),
    ]
    assert settings(recipe(), {"network.hidden": [8, 4]}) == [("network.hidden", [8, 4])]


def test_the_corners_try_everything_at_least_once() -> None:
    space = parse(["a=1..5", "b=x,y,z"])
    assert corners(space) == [
        {"a": 1, "b": "x"},
        {"a": 5, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 1, "b": "z"},
    ]


def test_a_grid_has_every_combination_and_no_ranges() -> None:
    assert combinations(parse(["a=1,2", "b=x,y"])) == [
        {"a": "1", "b": "x"},
        {"a": "1", "b": "y"},
        {"a": "2", "b": "x"},
        {"a": "2", "b": "y"},
    ]
    with pytest.raises(ConfigError, match=r"A grid needs values for a, and log:1\.\.2 is a range"):
        combinations(parse(["a=log:1..2"]))
