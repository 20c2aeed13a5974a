"""Preparation of a training: the splits, the network and the loop of one entry."""

from dataclasses import dataclass

from zoo.config import plugin_call
from zoo.config.entry import Entry, SplitName
from zoo.data.dataset import Dataset
from zoo.data.splits import Splits, Subset
from zoo.errors import ConfigError
from zoo.nn.network import Network
from zoo.training import build, learned, memory
from zoo.training.loop import Training


@dataclass(frozen=True)
class PreparedTraining:
    """A training that is ready to start, with its entry, splits and network."""

    entry: Entry
    splits: Splits
    subsets: dict[SplitName, Subset]
    held_out_split: SplitName | None  # evaluated at every report
    network: Network
    training: Training


def prepare(entry: Entry, dataset: Dataset) -> PreparedTraining:
    """Build the splits, the network and the training of an entry from its data and seed."""
    plugin_call.check(entry, where=entry.name)
    memory.check_memory(entry)
    seed = entry.train.seed
    splits = build.splits(entry, dataset, seed=seed)
    entry = learned.learn(entry, splits.train)
    splits = learned.with_means(splits, entry)
    subsets = build.subsets(splits)
    if entry.claim and entry.claim.split not in subsets:
        raise ConfigError(
            f"{entry.name} claims an accuracy on {entry.claim.split}, and {dataset.source} "
            "has no labels for it."
        )
    held_out_split = next((name for name in subsets if name != "train"), None)
    rngs = build.make_rngs(seed)
    network = build.network(entry, rngs)
    plan = build.plan(entry.train, network, rows=len(splits.train))
    held_out = subsets[held_out_split] if held_out_split else None
    batches = build.batches(entry.train, network, splits.train, rngs, shape=dataset.shape)
    training = Training(network, batches, plan, rngs, held_out=held_out)
    return PreparedTraining(entry, splits, subsets, held_out_split, network, training)
