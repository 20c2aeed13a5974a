"""The confusion matrix of a report: the headers of short and of long class names."""

import re

from tests.helpers.evaluation_report import judged, of_classes
from zoo.report.confusion import heatmap

LONG = "ankle boot with a rather long descriptio"


def test_heatmap_of_digits() -> None:
    """Short names stand upright above their columns."""
    table = heatmap(judged())
    assert '<table class="heat">' in table
    assert re.findall(r'<th scope="col">(.)</th>', table) == list("0123456789")
    assert re.findall(r'<th scope="row">(.)</th>', table) == list("0123456789")


def test_heatmap_of_long_names() -> None:
    """If one name is long all are turned, and each is its header's title."""
    names = (LONG, "a <b> & c", "cat")
    table = heatmap(of_classes(names))
    assert '<table class="heat turned">' in table
    escaped = [LONG, "a &lt;b&gt; &amp; c", "cat"]
    for scope in ("col", "row"):
        headers = re.findall(rf'<th scope="{scope}" title="(.*?)"><span>(.*?)</span>', table)
        assert headers == [(name, name) for name in escaped]


def test_heatmap_of_many_classes() -> None:
    """The cells of more than twelve classes are smaller."""
    assert '<table class="heat many">' in heatmap(of_classes([chr(97 + i) for i in range(26)]))
    assert '<table class="heat">' in heatmap(of_classes([chr(97 + i) for i in range(12)]))
    assert '<table class="heat turned many">' in heatmap(of_classes([LONG] * 30))
