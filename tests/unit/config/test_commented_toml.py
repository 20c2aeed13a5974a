"""Lines of TOML with comments."""

import tomllib

from zoo.config.commented_toml import Setting, commented
from zoo.config.recipe_size import RecipeSize, size_for


def test_commented_toml() -> None:
    """Comments stand in one column, beside the values or, if they are long, above them."""
    settings = [
        Setting("name", "a", "short"),
        Setting("columns", ["b", "c"], "the inputs", {"b": "1 to 2"}),
        Setting("kind", {"kind": "x", "rate": 0.5}, "long " * 20),
    ]
    assert commented(settings).splitlines() == [
        'name    = "a"  # short',
        "columns = [    # the inputs",
        '    "b",       # 1 to 2',
        '    "c",',
        "]",
        f"# {'long ' * 20}",
        'kind    = { kind = "x", rate = 0.5 }',
    ]


def test_commented_toml_escapes() -> None:
    """Every text comes back as it was, and no comment ends its line."""
    text = 'a"b\\c\n\t\x7f\x00 \N{SNOWMAN}'
    assert tomllib.loads(commented([Setting("key", [text], text, {text: text})])) == {"key": [text]}


def test_recipe_size() -> None:
    """Few rows get a small network and many passes, many rows a large one and few passes."""
    assert size_for(5, classes=2, has_images=False) == RecipeSize(16, 200, 5, 0.01)
    assert size_for(90, classes=3, has_images=False) == RecipeSize(16, 200, 16, 0.01)
    assert size_for(1_000, classes=40, has_images=True) == RecipeSize(80, 96, 32, 0.003)
    assert size_for(10**6, classes=2, has_images=False) == RecipeSize(128, 10, 256, 0.01)
