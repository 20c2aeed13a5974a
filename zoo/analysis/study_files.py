"""The best entry and the figure of a study, which replace only what the study wrote itself.

The journal has the digests of both files, so a file of somebody else, or one that was edited, is
recognized. A digest is recorded before its file is written, beside that of the file it replaces.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.analysis.search import Search
from zoo.analysis.study_check import WRITTEN
from zoo.analysis.study_folder import BEST, PLOT
from zoo.errors import ConfigError, ZooError
from zoo.files import read_bounded, write_atomically

if TYPE_CHECKING:
    import optuna

MAX_BYTES = 2**24  # of a file of a study


def check(search: Search, attributes: Mapping[str, Any] | None) -> None:
    """Raise if the folder has a file that the study would replace and did not write.

    `attributes` are those of the study; None if it does not exist yet.
    """
    for name in (BEST, PLOT):
        path = search.folder / name
        if path.exists() and not _is_ours(path, search, attributes):
            raise ConfigError(
                f"{path} was not written by this study, or was changed since.",
                hint="Move it to another folder, or choose another one: --study DIR.",
            )


def write(study: "optuna.Study", search: Search, contents: Mapping[str, bytes]) -> None:
    """Write files, by their names; the folder is locked."""
    check(search, study.user_attrs)
    for name, content in contents.items():
        path = search.folder / name
        before = [read_bounded(path, MAX_BYTES)] if path.exists() else []
        if before == [content]:
            continue
        digests = {name: [sha256(file).hexdigest() for file in (*before, content)]}
        study.set_user_attr(WRITTEN, study.user_attrs.get(WRITTEN, {}) | digests)
        write_atomically(path, content)


def _is_ours(path: Path, search: Search, attributes: Mapping[str, Any] | None) -> bool:
    try:
        content = read_bounded(path, MAX_BYTES) if path.is_file() else b""
    except ZooError:
        return False
    if attributes is None:
        return False
    if WRITTEN in attributes:
        return sha256(content).hexdigest() in attributes[WRITTEN].get(path.name, [])
    # older versions recorded no digests
    beginning = {BEST: f"# zoo tune {search.name}: trial ", PLOT: f"{search.name}: accuracy on "}
    return beginning[path.name].encode() in content
