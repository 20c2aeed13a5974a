"""The settings of a hyperparameter search."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.analysis import search_space
from zoo.analysis.optuna_study import Pruner, Sampler
from zoo.analysis.search_space import Space
from zoo.config import cache_key, load
from zoo.config.entry import Entry, Raw
from zoo.training.jobs import TrainingJob


@dataclass(frozen=True)
class Search:
    """The settings of a search. Sent to the worker of every trial."""

    raw: Raw  # the entry's TOML, with a validation split
    name: str
    space: Space
    folder: Path
    sampler: Sampler
    pruner: Pruner
    seed: int  # the sampler's
    seeds: Sequence[int]  # every trial trains with each of them
    data_digest: str
    data_path: Path | None  # the file or folder of --data

    def entry(self, values: search_space.Values, seed: int) -> Entry:
        """Return the entry with a trial's values; ConfigError if they exclude each other."""
        where = f"{self.name} with the values of a trial"
        plain = load.check(self.raw, where=where)
        changes = [*search_space.settings(plain, values), ("train.seed", seed)]
        return load.check(load.override(self.raw, changes), where=where)

    def data_job(self) -> TrainingJob:
        """Return a job that names the dataset of the search."""
        entry = load.check(self.raw, where=self.name)
        return TrainingJob(entry, self.data_digest, self.data_path)

    @property
    def identity(self) -> str:
        """The settings that all processes of a study must share, as JSON."""
        settings = {
            "recipe": cache_key.recipe_digest(load.check(self.raw, where=self.name)),
            "space": {key: str(axis) for key, axis in self.space.items()},
            "grid": self.sampler == "grid",
            "seeds": list(self.seeds),
            "data": self.data_digest,
        }
        return json.dumps(settings, sort_keys=True)

    def is_of(self, recorded: str) -> bool:
        """Return whether recorded settings are of this search, whose data may not be known."""
        unknown = {} if self.data_digest else {"data": ""}
        return bool(json.loads(recorded) | unknown == json.loads(self.identity))
