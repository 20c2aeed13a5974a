"""Evaluation of a model, and its default split: numbers worked out by hand."""

import math

import numpy as np
import pytest

from tests.helpers.entries import recipe
from tests.helpers.stub_model import DIGEST, IMAGES, LABELS, Stub, dataset, facts, images
from zoo.analysis.evaluate import evaluate, evaluate_model
from zoo.data.dataset import Bytes, Dataset, LabeledImages
from zoo.data.splits import Subset
from zoo.errors import ConfigError, DataError, ZooError
from zoo.nn.buffers import Array
from zoo.nn.metrics import Bin, ClassScore, Score
from zoo.training.prepare import prepare
from zoo.training.weights import WeightsMetadata


def test_evaluation_by_hand() -> None:
    """Every number of an evaluation of four images, worked out by hand."""
    found = evaluate(Stub(), Subset(IMAGES, LABELS, np.arange(4)))
    assert (found.n, found.accuracy) == (4, 0.5)
    # z² = 3.8415: the middle is 1/2, the half width is 1.96 / 1.96037 * sqrt(1/16 + 0.06002)
    assert [found.low, found.high] == pytest.approx([0.15004, 0.84996], abs=1e-5)
    # the right classes have 9/18, 1/18, 81/90 and 1/90: -ln of their product is ln 3600
    assert found.loss == pytest.approx(math.log(3600) / 4)
    # two predictions have probability 1/2, two 0.9; half of each are right
    assert found.calibration_error == pytest.approx(0.2)
    assert found.per_class[7] == ClassScore(
        7, precision=1, recall=1 / 2, f1=2 / 3, n=2, predicted=1
    )
    assert found.per_class[1] == ClassScore(
        1, precision=1 / 2, recall=1, f1=2 / 3, n=1, predicted=2
    )
    counts = found.confusion.tolist()
    assert [(row, counts[row]) for row in (0, 1, 7)] == [
        (0, [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
        (1, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        (7, [0, 1, 0, 0, 0, 0, 0, 1, 0, 0]),
    ]


def test_mistakes_most_confident_first() -> None:
    """The most confident mistake comes first, with its row in the data."""
    evaluation = evaluate(Stub(), Subset(IMAGES, LABELS, np.array([1, 0, 3])))
    assert [(mistake.index, mistake.label, mistake.answer) for mistake in evaluation.mistakes] == [
        (3, 0, 2),
        (1, 7, 1),
    ]
    worst = evaluation.mistakes[0]
    assert worst.probability == pytest.approx(0.9)
    assert worst.probabilities == pytest.approx([1 / 90] * 2 + [0.9] + [1 / 90] * 7)
    assert worst.answer == 2
    assert worst.image.shape == (8, 8)
    assert worst.image[0, :2].tolist() == [2, 81]


def test_mistakes_of_equal_confidence() -> None:
    """Mistakes of equal confidence come in the order of the data."""
    same, labels = images(*[(1, 9)] * 4), np.zeros(4, np.uint8)
    evaluation = evaluate(Stub(), Subset(same, labels, np.array([2, 0, 3, 1])))
    assert [mistake.index for mistake in evaluation.mistakes] == [0, 1, 2, 3]


def test_mistakes_confidence_beyond_float32() -> None:
    """Confidences that are equal in float32 are still ordered."""
    logits = np.zeros((2, 10), np.float32)
    logits[:, 1] = 20, 21  # 1 - 9 e^-20 and 1 - 9 e^-21 are both 1 in float32

    class Confident(Stub):
        def logits(self, images: Bytes) -> Array:
            return logits[: len(images)]

    evaluation = evaluate(Confident(), Subset(IMAGES, np.zeros(4, np.uint8), np.arange(2)))
    assert [mistake.index for mistake in evaluation.mistakes] == [1, 0]


def test_logits_not_finite_or_not_ten() -> None:
    """Logits that are not finite, or not ten, are refused."""

    class Broken(Stub):
        def logits(self, images: Bytes) -> Array:
            return np.full((len(images), 10), np.nan, np.float32)

    class Narrow(Stub):
        def logits(self, images: Bytes) -> Array:
            return np.zeros((len(images), 7), np.float32)

    part = Subset(IMAGES, LABELS, np.arange(4))
    with pytest.raises(ZooError, match=r"^stub returns NaN or infinite logits\.$"):
        evaluate(Broken(), part)
    with pytest.raises(ConfigError, match=r"of shape \(4, 7\); expected \(4, 10\)\."):
        evaluate(Narrow(), part)


def test_evaluate_test_split_by_default() -> None:
    """The default is the test split."""
    report = evaluate_model(Stub(facts({"data.split.test": 2})), dataset())
    assert (report.split, report.evaluation.n, report.reason) == ("test", 2, "")
    assert (
        evaluate_model(Stub(facts({"data.split.test": 2})), dataset(), split="train").evaluation.n
        == 2
    )


def test_evaluate_split_of_the_training() -> None:
    """The split is that of the training."""
    # RandomState(0).permutation(4) is 2, 3, 1, 0: the first two are the test
    report = evaluate_model(Stub(facts({"data.split.test": 2})), dataset())
    assert [mistake.index for mistake in report.evaluation.mistakes] == [3]
    assert report.example(report.evaluation.mistakes[0]) == "test:1"


CLAIM = {"value": 0.5, "split": "validation", "tolerance": 0.01, "quote": "50 %"}
ON_TRAIN = CLAIM | {"split": "train"}


@pytest.mark.parametrize(
    ("changes", "split", "reason"),
    [
        (
            {"data.split.validation": 1, "claim": CLAIM},
            "validation",
            "there is no labelled test split, and the claim is about this one",
        ),
        (
            {"data.split.validation": 1, "claim": ON_TRAIN},
            "train",
            "there is no labelled test split, and the claim is about this one",
        ),
        (
            {"data.split.validation": 1},
            "validation",
            "there is no labelled test split, and the training monitored this one",
        ),
        ({}, "train", "there is no labelled test split"),
    ],
)
def test_evaluate_without_test_split(changes: dict[str, object], split: str, reason: str) -> None:
    """Without a test split another one is evaluated, with the reason."""
    report = evaluate_model(Stub(facts(changes)), dataset())
    assert (report.split, report.reason) == (split, reason)


def test_evaluate_test_without_labels() -> None:
    """Test data without labels is not a test split."""
    assert evaluate_model(Stub(facts()), dataset(LabeledImages(IMAGES, None))).split == "train"


def test_evaluate_unknown_split() -> None:
    """The hint for an unknown split lists the existing ones."""
    with pytest.raises(ConfigError) as caught:
        evaluate_model(Stub(facts({"data.split.test": 2})), dataset(), split="validation")
    assert str(caught.value) == "stub does not have a split named 'validation' in four by hand."
    assert caught.value.hint == "Choose from: train, test."


def test_evaluate_model_without_metadata() -> None:
    """A model without metadata is evaluated on the test split, or on all rows."""
    everything = evaluate_model(Stub(), dataset())
    assert (everything.split, everything.evaluation.n) == ("all", 4)
    assert everything.example(everything.evaluation.mistakes[0]) == "all:3"
    test = evaluate_model(Stub(), dataset(LabeledImages(IMAGES[:3], LABELS[:3])))
    assert (test.split, test.evaluation.n) == ("test", 3)
    assert test.reason == ""
    assert (
        everything.reason == "there is no test split, and it may have been trained on some of these"
    )
    for report in (everything, test):
        assert (report.recorded, report.claim, report.verdict) == (None, None, None)
        assert (report.is_its_data, report.is_as_recorded, report.warning) == (False, False, None)
    with pytest.raises(ConfigError):
        evaluate_model(Stub(), dataset(), split="train")


def test_evaluate_data_without_labels() -> None:
    bare = Dataset("digits", (8, 8), 10, LabeledImages(IMAGES, None), None, "bare", DIGEST)
    with pytest.raises(DataError, match=r"^bare does not have labels\.$"):
        evaluate_model(Stub(), bare)


@pytest.mark.parametrize(
    ("accuracy", "digest", "recorded", "same"),
    [(0.5, DIGEST, True, True), (0.75, DIGEST, True, False), (0.5, "e" * 64, False, False)],
)
def test_evaluate_recorded_score(
    accuracy: float,
    digest: str,
    recorded: bool,  # noqa: FBT001 - a parameter of the table
    same: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    """A recorded score counts only for its own data."""
    score = Score(n=4, accuracy=accuracy, loss=1.0)
    report = evaluate_model(Stub(facts(train=score)), dataset(digest=digest))
    assert report.recorded == (score if recorded else None)
    assert report.is_as_recorded == same
    assert report.is_its_data == recorded
    assert report.warning == (
        None
        if recorded
        else "stub was trained on the data dddddddddddd, and this is eeeeeeeeeeee: it may have "
        "been trained on some of these images."
    )


def test_evaluate_claim() -> None:
    """A claim has a verdict only on its own split."""
    known = facts({"data.split.test": 2, "claim": ON_TRAIN | {"value": 0.4}})
    assert evaluate_model(Stub(known), dataset(), split="train").verdict == "beaten"  # 1 of 2
    report = evaluate_model(Stub(known), dataset())
    assert report.claim is not None
    assert report.verdict is None


def test_evaluate_scores_of_the_training() -> None:
    """The scores of every split equal those that the training recorded."""
    from zoo.data.digits import load_digits

    entry = recipe({"data.split.test": 360, "data.split.validation": 200})
    digits = load_digits()
    work = prepare(entry, digits)
    for _ in work.training:
        pass
    scores = {name: work.training.evaluate(part) for name, part in work.subsets.items()}
    known = WeightsMetadata.of(work.network, entry, data=digits.digest, scores=scores)

    class Trained(Stub):
        def logits(self, images: Bytes) -> Array:
            return work.network.logits(images)

    for name, score in scores.items():
        report = evaluate_model(Trained(known), digits, split=name)
        measured = report.evaluation
        assert Score(measured.n, measured.accuracy, measured.loss) == score
        assert report.is_as_recorded
        assert measured.low < measured.accuracy < measured.high
        assert len(measured.mistakes) == measured.n - measured.confusion.trace()
        assert sum(bin_.n for bin_ in measured.calibration) == measured.n
        assert all(isinstance(bin_, Bin) for bin_ in measured.calibration)
