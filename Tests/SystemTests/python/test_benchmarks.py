"""tools/bench: a tiny run of every benchmark, what it is compared with, and the page it makes."""

import dataclasses
import json
import math
import os
import shutil
import struct
import subprocess
import tempfile
import xml.etree.ElementTree as xml

import pytest

from benchmarks import cases
from benchmarks.cases.snapshot import Sizes
from benchmarks.figures import (
    Curve, Figure, Floor, Outcome, Row, Sample, Series, against_bound)
from benchmarks.report import page, shape
from benchmarks.report.comparison import fallen
from benchmarks.report.plot import drawn
from benchmarks.report.result import Result
from benchmarks.rounds import side_by_side
from harness.server import ROOT

BENCH = os.path.join(ROOT, "tools", "bench")
MACHINE = {"processor": "one", "cores": "2", "memory": "24 GiB", "kernel": "Linux"}


def benched(*words):
    return subprocess.run([BENCH, *words], capture_output=True, text=True, timeout=300)


@pytest.fixture
def work():
    """A place that PostgreSQL's own user can reach, unlike those that pytest makes."""
    directory = tempfile.mkdtemp(prefix="roost-bench-", dir="/var/tmp")
    os.chmod(directory, 0o755)
    yield directory
    shutil.rmtree(directory)


def test_every_benchmark_produces_its_figures(work, tmp_path):
    listed = {line.split()[0] for line in benched("--list").stdout.splitlines()}
    assert listed == {case.name for case in cases.ALL}
    done = benched("--quick", "--work", work, "--to", str(tmp_path / "found"))
    assert done.returncode == 0, done.stderr
    result = Result.read(str(tmp_path / "found" / "result.json"))
    assert list(result.outcomes) == [case.name for case in cases.measurable()]
    for name, outcome in result.outcomes.items():
        assert outcome.rows or outcome.curves, f"{name} found nothing"
    for row in result.rows:
        for figure in (row.roost, row.peer):
            assert math.isfinite(figure.value) and figure.value > 0, f"{row.key}: {figure}"
        assert row.what in done.stdout
    keys = [row.key for row in result.rows]
    assert len(keys) == len(set(keys))
    for curve in result.curves:
        assert all(len(series.points) >= 1 for series in curve.series), curve.key
        xml.parse(tmp_path / "found" / f"{curve.key}.svg")
    # What a run leaves behind is networks for the next one, and nothing of this one.
    assert os.listdir(work) == ["networks"]


def row(key, roost, peer, is_higher_better=True, floor=None):
    return Row(
        key, f"what {key} means", Figure(roost, "pages/s", [roost]), "Redis",
        Figure(peer, "pages/s", [peer]), is_higher_better, "always", floor)


def result(*rows, machine=None):
    return Result("full", "2026-01-01", machine or MACHINE, 1, {"one": Outcome(list(rows))})


@pytest.mark.parametrize("now, is_named", [(300, False), (256, False), (254, True), (100, True)])
def test_a_ratio_that_fell_by_more_than_15_percent_is_named(now, is_named):
    sentences = fallen(result(row("a", 300, 100)), result(row("a", now, 100)))
    assert [sentence.split(":")[0] for sentence in sentences] == (["a"] if is_named else [])


@pytest.mark.parametrize("now, is_named", [(10, False), (11.7, False), (11.8, True), (5, False)])
def test_where_less_is_better_a_ratio_that_rose_is_named(now, is_named):
    before, after = row("a", 10, 10, False), row("a", now, 10, False)
    assert bool(fallen(result(before), result(after))) == is_named


def test_a_faster_machine_changes_no_ratio():
    assert not fallen(result(row("a", 300, 100)), result(row("a", 600, 200)))


def test_a_row_that_is_gone_is_named_but_not_one_that_was_not_asked_for():
    before = result(row("a", 1, 1), row("b", 1, 1))
    assert len(fallen(before, result(row("a", 1, 1)))) == 1
    assert not fallen(before, Result("full", "", MACHINE, 1, {}))


def test_times_are_compared_on_the_same_machine_only_and_sizes_on_every():
    def found(seconds, size, machine):
        return result(
            against_bound("start", "start", Figure(seconds, "s", [seconds]), 5, False),
            against_bound("follow", "follow", Figure(size, "bytes", [size]), 20, False),
            machine=machine)

    other = MACHINE | {"processor": "another"}
    assert len(fallen(found(1, 10, MACHINE), found(2, 20, MACHINE))) == 2
    sentences = fallen(found(1, 10, MACHINE), found(2, 20, other))
    assert [sentence.split(":")[0] for sentence in sentences] == ["follow"]


def test_a_floor_is_met_at_its_ratio_and_missed_below():
    assert row("a", 300, 100, floor=Floor(3, "≥ 3 ×")).is_met
    assert not row("a", 299, 100, floor=Floor(3, "≥ 3 ×")).is_met
    assert row("a", 200, 100, False, Floor(2, "≤ 2 ×")).is_met
    assert not row("a", 201, 100, False, Floor(2, "≤ 2 ×")).is_met
    assert row("a", 1, 100).is_met is None


def test_each_round_measures_everybody_and_the_median_counts():
    calls = []
    values = iter([1, 10, 20, 2, 3, 30])

    def measure(name):
        calls.append(name)
        return Sample(next(values))

    found = side_by_side({"a": lambda: measure("a"), "b": lambda: measure("b")}, "s", 3)
    assert calls == ["a", "b", "b", "a", "a", "b"]
    assert found["a"].value == 2 and found["a"].samples == [1, 2, 3]
    assert found["b"].value == 20


def test_a_result_is_read_as_it_was_written(tmp_path):
    curve = Curve("c", "C", "x", "y", [Series("s", [(1.0, 2.0), (10.0, 3.0)])], reason="so")
    written = result(row("a", 3, 1, floor=Floor(3, "≥ 3 ×")))
    written.outcomes["two"] = Outcome([], [curve], ["a note"])
    path = str(tmp_path / "result.json")
    written.write(path)
    assert Result.read(path) == written
    with open(path, encoding="utf-8") as file:
        value = json.load(file)
    assert value["benchmarks"]["one"]["rows"][0]["ratio"] == 3


def test_a_plot_shows_each_point_once_and_leaves_out_what_has_no_logarithm():
    series = [Series("one", [(0.0, 1.0), (1.0, 2.0), (100.0, 3.0)])]
    picture = drawn(Curve("c", "A & B", "x", "y", series))
    root = xml.fromstring(picture)
    circles = [item for item in root.iter() if item.tag.endswith("circle")]
    assert len(circles) == 2 + 1, "two points, and the legend's"
    assert "A &amp; B" in picture


@pytest.mark.parametrize("power, expected", [
    (0, "flat"), (0.2, "nearly flat (power 0.20)"), (0.5, "slower than linear (power 0.50)"),
    (1, "linear"), (2, "faster than linear (power 2.00)"), (-1, "falling (power -1.00)")])
def test_a_curve_is_called_by_the_power_of_x_that_it_goes_with(power, expected):
    assert shape.name([(float(x), 7 * float(x) ** power) for x in (1, 10, 100, 1000)]) == expected


def test_one_point_is_no_curve():
    assert shape.name([(1.0, 2.0), (0.0, 3.0)]) == "a single point"


def test_the_page_is_what_the_recorded_result_gives():
    with open(page.PAGE, encoding="utf-8") as file:
        assert file.read() == page.page(page.recorded())


def test_the_page_of_a_result_holds_its_rows_plots_and_missed_floors():
    found = result(row("a", 2, 1, floor=Floor(3, "≥ 3 ×")), row("b", 4, 1, floor=Floor(3, "≥ 3 ×")))
    found.outcomes["two"] = Outcome(
        [], [Curve("c", "C", "x", "y", [Series("s", [(1.0, 2.0)])], reason="so it is")], ["a note"])
    text = page.page(found)
    expected = "not met:\n\n- what a means: 2.00 × Redis, the floor is ≥ 3 ×"
    assert "Of 2 floors 1 are met; " + expected in text
    assert "| what a means | 2 pages/s | Redis: 1 pages/s | 2.00 × | ≥ 3 × | NO | always |" in text
    assert "![C](benchmarks/c.svg)" in text and "*C.* so it is" in text and "- a note" in text


@pytest.mark.parametrize("share, is_told", [(0.9, False), (0.91, True)])
def test_the_page_tells_where_the_client_was_the_limit(share, is_told):
    busy = Figure(2, "pages/s", [2], {"client_share": share})
    found = result(dataclasses.replace(row("a", 2, 1), peer=busy))
    assert ("Redis could do more" in page.notes(found)) == is_told


def test_check_needs_something_to_compare_with(tmp_path):
    if page.recorded() is not None:
        pytest.skip("there is a recorded result")
    done = benched("--check", "--quick", "--work", str(tmp_path))
    assert done.returncode == 2
    assert "no recorded result" in done.stderr


def test_the_sizes_of_a_snapshot_are_those_of_its_frames(tmp_path):
    path = tmp_path / "1.snapshot"
    frames = b"".join(
        struct.pack("<III", len(data), plain, 7) + data for data, plain in [
            (b"abc", 10), (b"defgh", 1_000_000)])
    # An end without a guide, and one with: the place where it begins.
    for end in (bytes(12), bytes(4) + struct.pack("<Q", 20)):
        path.write_bytes(b"ROOSTSNP" + frames + end + bytes(32))
        assert Sizes.of(str(path)) == Sizes(8 + len(frames) + 12 + 32, 1_000_010)
