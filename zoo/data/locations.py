"""Data locations: the folders where datasets are looked for, and the mirrors of MNIST."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from zoo.data.cache import cache_folder
from zoo.data.pins import MIRRORS
from zoo.errors import ConfigError, DataError
from zoo.system.commands import quote
from zoo.system.file_errors import reading_hint
from zoo.system.files import special_kind

OFF, ON = {"", "0", "false", "no", "off"}, {"1", "true", "yes", "on"}
DIGITS_REMEDY = "Install a supported version: `pip install 'scikit-learn<2'`."
KAGGLE_PATHS = ("train.csv", "kaggle/train.csv", "digit-recognizer/train.csv")

# Called with a file's name, the bytes received, and the total if it is known.
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class DataLocations:
    """Where data is looked for: in `user_path` alone, or else in `folder` and then in `cache`."""

    user_path: Path | None
    folder: Path | None
    cache: Path
    offline: bool
    mirrors: tuple[str, ...]

    @property
    def roots(self) -> tuple[Path, ...]:
        """Return the folders to search, in order."""
        if self.user_path is not None:
            return (self.user_path,)
        return (self.cache,) if self.folder is None else (self.folder, self.cache)

    def mnist(self, name: str) -> Iterator[Path]:
        """Yield each existing copy of a file of MNIST, plain or gzipped."""
        return self._existing((name, f"{name}.gz", f"mnist/{name}", f"mnist/{name}.gz"))

    def kaggle(self) -> Iterator[Path]:
        """Yield each existing train.csv; a root that is a file counts as one."""
        return self._existing((".", *KAGGLE_PATHS))

    def _missing(self, root: Path) -> DataError:
        if root == self.folder:
            return DataError(
                f"ZOO_DATA is {root}, which does not exist.",
                hint="Set it to a folder with data or to Kaggle's train.csv, or unset it.",
            )
        return DataError(
            f"{root} does not exist.", hint="Give an existing folder, or Kaggle's train.csv."
        )

    def _existing(self, relative_paths: tuple[str, ...]) -> Iterator[Path]:
        for root in self.roots:
            try:
                if root != self.cache and not root.exists():
                    raise self._missing(root)
                if kind := special_kind(root):
                    raise DataError(
                        f"{root} is {kind}; expected a folder, or Kaggle's train.csv.",
                        hint="Give an existing folder, or Kaggle's train.csv.",
                    )
                if root.suffix.lower() == ".zip" and root.is_file():
                    raise DataError(
                        f"{root} is a zip archive; expected a folder, or Kaggle's train.csv.",
                        hint=f"Import it with `zoo data import {quote(str(root))}`.",
                    )
                for path in (root / relative for relative in relative_paths):
                    if path.is_file():
                        yield path
                    elif root == self.user_path and (kind := special_kind(path)):
                        raise DataError(
                            f"{path} is {kind}; expected a file.",
                            hint="Replace it, or give another folder.",
                        )
            except OSError as error:
                raise DataError(
                    f"{root} cannot be searched: {error.strerror}.",
                    hint=reading_hint(error, Path(error.filename or root)),
                ) from error


def locations_from_environment(
    user_path: Path | None = None, *, offline: bool = False
) -> DataLocations:
    """Return the locations set by ZOO_DATA, ZOO_CACHE_DIR, ZOO_OFFLINE and ZOO_MIRRORS."""
    folder = os.environ.get("ZOO_DATA")
    mirrors = os.environ.get("ZOO_MIRRORS", "").split(",")
    return DataLocations(
        user_path=user_path,
        folder=Path(folder) if folder else None,
        cache=cache_folder(),
        offline=offline or _is_offline(os.environ.get("ZOO_OFFLINE", "")),
        mirrors=tuple(mirror.strip() for mirror in mirrors if mirror.strip()) or MIRRORS,
    )


def _is_offline(setting: str) -> bool:
    if setting.lower() not in OFF | ON:
        raise ConfigError(f"Invalid ZOO_OFFLINE; expected 1 or 0, got {setting!r}.")
    return setting.lower() in ON


def digits_file() -> Path:
    """Return the path of scikit-learn's digits, without importing scikit-learn."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise DataError(
            "scikit-learn, whose digits.csv.gz contains the digits, is not installed.",
            hint="Run `pip install scikit-learn`.",
        )
    return Path(spec.origin).with_name("datasets") / "data" / "digits.csv.gz"


def silent(name: str, received: int, total: int | None) -> None:
    """Show nothing."""
