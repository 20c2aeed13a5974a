"""A ZOO_PLUGINS that does not name installed plugins."""

import pytest

from tests.helpers.command import zoo
from zoo.config import plugin_call
from zoo.config.layers import PluginLayer
from zoo.errors import ConfigError


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("zoo-swsh", "'zoo-swsh', which is not a plugin;"),
        ("/no/such/path", "'/no/such/path', which is not a plugin;"),
        ("numpy", "'numpy', which is not a plugin;"),
        ("", "'', which is not a plugin;"),
        ("numpy-zoo,, none", "'' and 'none', which are not plugins;"),
    ],
)
def test_unknown_plugins(setting: str, problem: str) -> None:
    """One warning says so, also of the name of another package and of an empty name."""
    done = zoo("list", "-q", ZOO_PLUGINS=setting)
    assert done.exit_code == 0
    assert done.stderr.startswith(f"zoo: warning: ZOO_PLUGINS names {problem} expected names that ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("setting", [None, "none", " None", "numpy-zoo", "NumPy_Zoo "])
def test_known_plugins(setting: str | None) -> None:
    assert zoo("list", "-q", ZOO_PLUGINS=setting).stderr == ""


def test_unknown_plugins_in_completion() -> None:
    """No message is added to a line of a shell."""
    done = zoo(
        _ZOO_COMPLETE="complete_bash", COMP_WORDS="zoo s", COMP_CWORD=1, ZOO_PLUGINS="zoo-swsh"
    )
    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("setting", "sentence"), [(None, ""), ("none", " ZOO_PLUGINS=none restricts the plugins.")]
)
def test_restriction_only_where_it_is_set(
    monkeypatch: pytest.MonkeyPatch, setting: str | None, sentence: str
) -> None:
    """A hint about a missing kind does not suspect a setting that is not there."""
    monkeypatch.delenv("ZOO_PLUGINS", raising=False)
    if setting:
        monkeypatch.setenv("ZOO_PLUGINS", setting)
    with pytest.raises(ConfigError) as caught:
        plugin_call.plugin_type(PluginLayer(kind="absent"))
    assert caught.value.hint == f"Run `zoo plugins` to list the plugins.{sentence}"
