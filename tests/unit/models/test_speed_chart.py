"""The chart of zoo's speed, and the short table."""

import pytest
from zoo.models.speed_chart import Ratio, read_table, short_table, svg

from tests.helpers.figures import Shown
from tests.helpers.paths import ROOT

TABLE = """\
| workload | zoo | PyTorch | torch.compile | scikit-learn | JAX, a step a call | JAX, scan \
| tutorial NumPy | onnxruntime |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
| W1: 4-2, batch 8, an epoch | 5 ms | 4.00 (3.00-5.00) | 2.00 (1.00-4.00) | 11.89* (9.90-15.63) \
| 0.53 (0.50-1.05) | 0.74 (0.68-0.93) | 3.00* (2.00-4.00) |  |

| workload | another table |
"""


def test_speed_table() -> None:
    """A library has its fastest form, and only the first table counts."""
    (row,) = read_table(TABLE)
    assert row.ratios["PyTorch"] == Ratio(2.0, 1.0, 4.0, "")
    assert row.ratios["scikit-learn"].mark == "*"
    assert short_table([row]).splitlines()[2] == (
        "| W1: 4-2, batch 8, an epoch | 5 ms | 2.0 | 11.9* | 0.53 | 3.0* |  |"
    )


def test_speed_cell_that_is_not_a_ratio() -> None:
    with pytest.raises(ValueError, match=r"'fast' is not a ratio .* expected 4.76 \(3.80-5.68\)"):
        Ratio.of("fast")


def test_speed_chart_bars() -> None:
    """A bar begins at 1, to the right where zoo is faster and to the left where it is slower."""
    shown = Shown(svg(read_table(TABLE)))
    assert shown.problems() == []
    assert "PyTorch 2.0, scikit-learn 11.9, JAX 0.53" in shown.title
    (level,) = (
        line for line in shown.drawn("ink", tag="line") if line.points[0][0] == line.points[1][0]
    )
    one = level.points[0][0]
    panel = next(node for node in shown.root if len(node.findall("{*}rect")) > 1)
    left = float(panel.get("transform", "").removeprefix("translate(").split(",")[0])
    bars = {
        bar.get("class"): (left + float(bar.get("x", "")), float(bar.get("width", "")))
        for bar in panel.findall("{*}rect")
    }
    assert bars["blue"][0] == pytest.approx(one, abs=0.2)
    assert bars["green"][0] + bars["green"][1] == pytest.approx(one, abs=0.2)
    # log(3) and log(2): the lengths of the bars of a ratio of 3 and of 2
    assert bars["purple"][1] / bars["blue"][1] == pytest.approx(1.585, abs=0.01)


def test_speed_files() -> None:
    """The chart and the table of zoo/bench are those of SPEED.md."""
    rows = read_table((ROOT / "models" / "SPEED.md").read_text(encoding="utf-8"))
    assert len(rows) == 7
    assert (ROOT / "models" / "speed.svg").read_text(encoding="utf-8") == svg(rows)
    assert short_table(rows) in (ROOT / "zoo" / "bench" / "README.md").read_text(encoding="utf-8")
