"""Places: where on this machine data is looked for, and whether the network may be asked."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import platformdirs

from zoo.data.pins import MIRRORS
from zoo.errors import DataError

# Called with a file's name, the bytes received, and the total if it is known.
Progress = Callable[[str, int, int | None], None]

KAGGLE_SPOTS = ("train.csv", "kaggle/train.csv", "digit-recognizer/train.csv")


@dataclass(frozen=True)
class DataLocations:
    """Where data is looked for: in `given` alone, or else in `folder` and then in `cache`."""

    user_path: Path | None
    folder: Path | None
    cache: Path
    offline: bool
    mirrors: tuple[str, ...]

    @property
    def roots(self) -> tuple[Path, ...]:
        """Return what is searched, in order."""
        if self.user_path is not None:
            return (self.user_path,)
        return (self.cache,) if self.folder is None else (self.folder, self.cache)

    def mnist(self, name: str) -> Iterator[Path]:
        """Yield each file here that bears the name of one of MNIST's, plain or packed."""
        return self._found(name, (name, f"{name}.gz", f"mnist/{name}", f"mnist/{name}.gz"))

    def kaggle(self) -> Iterator[Path]:
        """Yield each train.csv here; a root that is a file is taken for one."""
        return self._found("train.csv", (".", *KAGGLE_SPOTS))

    def _found(self, name: str, spots: tuple[str, ...]) -> Iterator[Path]:
        for root in self.roots:
            try:
                if root != self.cache and not root.exists():
                    raise DataError(
                        f"{root} does not exist; {name} was to be looked for there.",
                        hint="Name a folder that exists, or Kaggle's train.csv.",
                    )
                yield from (root / spot for spot in spots if (root / spot).is_file())
            except OSError as error:
                raise DataError(
                    f"{root} cannot be searched: {error.strerror}.",
                    hint="Name a folder that you may read.",
                ) from error


def locations_from_environment(
    given: Path | None = None, *, offline: bool = False
) -> DataLocations:
    """Return the places that ZOO_DATA, ZOO_OFFLINE and ZOO_MIRRORS speak of."""
    folder = os.environ.get("ZOO_DATA")
    mirrors = os.environ.get("ZOO_MIRRORS", "").split(",")
    return DataLocations(
        user_path=given,
        folder=Path(folder) if folder else None,
        cache=Path(platformdirs.user_cache_dir("zoo")),
        offline=offline or os.environ.get("ZOO_OFFLINE", "") not in {"", "0"},
        mirrors=tuple(mirror.strip() for mirror in mirrors if mirror.strip()) or MIRRORS,
    )


def digits_file() -> Path:
    """Return where scikit-learn keeps its digits; a specification is found without an import."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise DataError(
            "scikit-learn, whose digits.csv.gz holds the digits, is not installed.",
            hint="`pip install scikit-learn` brings them.",
        )
    return Path(spec.origin).with_name("datasets") / "data" / "digits.csv.gz"


def silent(name: str, received: int, total: int | None) -> None:
    """Show nothing."""
