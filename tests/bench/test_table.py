"""The bench's own arithmetic: verdicts, the page of results, which paint belongs to which change."""

import math

import pytest

from tests.bench.document import BEGIN, END, PAGE, with_results
from tests.bench.memory import _slope
from tests.bench.pixel import latencies_ms
from tests.bench.table import Row, failed_row, markdown, quantile


def test_an_aim_is_an_upper_bound_unless_it_is_said_to_be_a_lower_one():
    assert Row("gap", 50, aim=50).passed is True
    assert Row("gap", 51, aim=50).passed is False
    assert Row("ratio", 0.35, aim=0.35, at_least=True).passed is True
    assert Row("ratio", 0.34, aim=0.35, at_least=True).passed is False
    assert Row("size", 12).passed is None


def test_what_could_not_be_measured_has_missed():
    assert failed_row("pixel", "no window").passed is False
    assert Row("gap", math.nan, aim=50).passed is False


def test_ratios_come_first():
    table = markdown([Row("seconds", 1.5, "s", aim=2), Row("share", 0.4, ratio=True)])
    lines = table.splitlines()
    assert "share" in lines[2]
    assert "seconds" in lines[3]
    assert "≤ 2 s" in lines[3]
    assert "pass" in lines[3]
    assert len({line.count("|") for line in lines}) == 1


def test_quantile_is_the_nearest_rank():
    values = [float(n) for n in range(100, 0, -1)]
    assert quantile(values, 0.5) == 51
    assert quantile(values, 0.99) == 100
    assert math.isnan(quantile([], 0.5))


def test_the_text_around_the_results_stays():
    page = f"# Title\n\n{BEGIN}\nold\n{END}\n\nEnd\n"
    written = with_results(page, ["Date: today"], "| table |")
    assert written == f"# Title\n\n{BEGIN}\n- Date: today\n\n| table |\n{END}\n\nEnd\n"
    assert with_results(written, ["Date: today"], "| table |") == written


def test_a_page_without_markers_is_refused():
    with pytest.raises(ValueError, match="markers"):
        with_results("# Title\n", [], "")


def test_the_performance_page_can_take_results():
    assert "| table |" in with_results(PAGE.read_text(encoding="utf-8"), [], "| table |")


def test_a_change_is_matched_with_the_first_paint_of_its_value_and_a_missing_one_counted():
    ms = 1_000_000
    changes = [(1.0, 0), (2.0, 100 * ms), (3.0, 200 * ms), (4.0, 300 * ms), (5.0, 400 * ms), (6.0, 500 * ms)]
    paints = [(0.0, -ms), (1.0, 20 * ms), (2.0, 150 * ms), (4.0, 330 * ms), (6.0, 530 * ms)]
    found, missed = latencies_ms(changes, paints)
    assert found == [20.0, 50.0, 30.0]
    assert missed == 1


def test_growth_is_taken_after_the_start_is_over():
    sizes = [(0.0, 10.0), (60.0, 90.0), *((120.0 + 10 * n, 100.0 + n / 36) for n in range(40))]
    assert _slope(sizes) == pytest.approx(10.0)
