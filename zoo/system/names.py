"""Names of files: which of them are paths, and which no system may use."""

import os

from zoo import system

# Windows takes such a name for a device, also with a suffix: con.toml, nul.v2-s0-1
DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{digit}" for port in ("com", "lpt") for digit in "123456789"
}


def separators() -> str:
    r"""Return the characters between the names of a path: / everywhere, and \ on Windows."""
    return "/\\" if system.IS_WINDOWS else "/"


def is_path(name: str) -> bool:
    """Return whether a name has a separator or a drive; names of entries and runs do not."""
    has_separator = any(separator in name for separator in separators())
    return has_separator or (system.IS_WINDOWS and name[1:2] == ":")


def is_root(path: str) -> bool:
    r"""Return whether a path is / or, on Windows, a drive such as C:\."""
    rest = path[2:] if system.IS_WINDOWS and path[1:2] == ":" else path
    return not rest.strip(separators())


def is_reserved(name: str) -> bool:
    """Return whether Windows has a device of this name; asked on every system, for shared files."""
    return name.partition(".")[0].rstrip(" ").lower() in DEVICES


def home_folder() -> str:
    """Return the home folder without a separator at its end; empty if there is none, or it is /."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    return "" if home == "~" or is_root(home) else home.rstrip(separators())
