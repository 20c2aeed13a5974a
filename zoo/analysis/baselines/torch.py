"""PyTorch as a baseline."""

from collections.abc import Iterator
from typing import Any

from zoo.analysis.baselines.result import TrainedBaseline, labels_of, pixels_of
from zoo.config import kinds
from zoo.config.entry import Entry, LayerSpec, TrainConfig
from zoo.data.splits import Subset
from zoo.nn.buffers import Labels
from zoo.training.loop import PreparedTraining
from zoo.training.recorder import Clock


def unsupported_reason(entry: Entry, *, rows: int) -> str | None:
    """Return why the entry cannot be trained by this library, or None."""
    normalizes = any(isinstance(placed.layer, kinds.BatchNorm) for placed in entry.layers)
    batch = entry.train.batch or rows
    if normalizes and 1 in {batch, rows % batch}:
        return "PyTorch normalizes no batch of a single row, and an epoch has such a batch."
    return None


def train(work: PreparedTraining, judged: Subset, *, clock: Clock) -> TrainedBaseline:
    """Return the network as this library trains it from zoo's first parameters."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(work.entry.train.seed)
            return _train_alone(torch, work, judged, clock=clock)
    finally:
        torch.set_num_threads(threads)


def _train_alone(
    torch: Any, work: PreparedTraining, judged: Subset, *, clock: Clock
) -> TrainedBaseline:
    """Train with the threads and the random numbers that are set for this training."""
    entry, part, plan = work.entry, work.splits.train, work.training.plan
    model = torch.nn.Sequential(*(_layer(torch.nn, placed) for placed in entry.layers))
    arrays = [held for name, held in model.state_dict().items() if "num_batches" not in name]
    for theirs, (_, ours) in zip(arrays, work.network.named_arrays(), strict=True):
        theirs.copy_(torch.from_numpy(ours))
    weights = [module.weight for module in model if isinstance(module, torch.nn.Linear)]
    optimizer = _optimizer(torch.optim, entry.train, model, weights)
    criterion = torch.nn.CrossEntropyLoss(label_smoothing=entry.train.label_smoothing)
    pixels = torch.from_numpy(pixels_of(entry, part))
    labels = torch.from_numpy(labels_of(part))

    began = clock()
    for step, rows in enumerate(_batches(work)):
        for group in optimizer.param_groups:
            group["lr"] = plan.schedule(step / work.training.steps_per_epoch)
        optimizer.zero_grad()
        loss = criterion(model(pixels[rows]), labels[rows])
        if entry.train.l2:
            loss = loss + entry.train.l2 / 2 * sum(weight.square().sum() for weight in weights)
        loss.backward()
        optimizer.step()
    seconds = clock() - began

    model.eval()
    with torch.no_grad():
        logits = model(torch.from_numpy(pixels_of(entry, judged))).numpy()
    drops = any(isinstance(placed.layer, kinds.Dropout) for placed in entry.layers)
    differs = ("drops other values in dropout",) if drops else ()
    return TrainedBaseline([held.numpy() for held in arrays], logits, seconds, differs)


def _batches(work: PreparedTraining) -> Iterator[slice | Labels]:
    """Yield the rows of every step as zoo takes them, from the generator it draws them from."""
    rows, plan, each = work.training.rows, work.training.plan, work.training.steps_per_epoch
    for step in range(plan.steps):
        number = step % each
        if plan.batch == rows:
            yield slice(None)  # the order never changes, and nothing is copied
            continue
        if number == 0:
            order = work.training.rngs["order"].permutation(rows)
        yield order[number * plan.batch : (number + 1) * plan.batch]


def _layer(nn: Any, placed: LayerSpec) -> Any:  # noqa: PLR0911 - the same; one return a kind
    match placed.layer:
        case kinds.Dense():
            return nn.Linear(placed.inputs, placed.outputs)
        case kinds.Relu():
            return nn.ReLU()
        case kinds.LeakyRelu(leak=leak):
            return nn.LeakyReLU(leak)
        case kinds.Sigmoid():
            return nn.Sigmoid()
        case kinds.Tanh():
            return nn.Tanh()
        case kinds.Dropout(rate=rate):
            return nn.Dropout(rate)
        case kinds.BatchNorm(momentum=momentum):  # theirs is the share of the new
            return nn.BatchNorm1d(placed.inputs, momentum=1 - momentum)


def _optimizer(optim: Any, train: TrainConfig, model: Any, weights: list[Any]) -> Any:
    learned = list(model.parameters())
    match train.optimizer:
        case kinds.Sgd(momentum=momentum, nesterov=nesterov):
            return optim.SGD(learned, train.rate, momentum=momentum, nesterov=nesterov)
        case kinds.RmsProp(decay=decay):
            return optim.RMSprop(learned, train.rate, alpha=decay)
        case kinds.Adam(beta1=beta1, beta2=beta2):
            return optim.Adam(learned, train.rate, betas=(beta1, beta2))
        case kinds.AdamW(decay=decay, beta1=beta1, beta2=beta2):
            free = [held for held in learned if not any(held is weight for weight in weights)]
            groups = [{"params": weights, "weight_decay": decay}, {"params": free}]
            return optim.AdamW(groups, train.rate, betas=(beta1, beta2), weight_decay=0)
