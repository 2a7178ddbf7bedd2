"""The benchmarks, in the order in which they are run and shown. Those on the same server stand
together, so that a large network is started seldom."""

from benchmarks.cases import (
    celebrity, fanout, fold, growth, home, idle, journal, memory, push, residency, shards, snapshot,
    start, writes)
from benchmarks.cases.context import Case
from harness.server import run as roost

ALL: list[Case] = [
    journal.CASE, fold.CASE, shards.CASE, idle.CASE, start.CASE, memory.CASE, growth.CASE,
    fanout.CASE, celebrity.CASE, home.CASE, writes.CASE, push.CASE, snapshot.CASE,
    residency.CASE]


def measurable() -> list[Case]:
    """Those that the binary has something to measure for."""
    options = roost("serve", "--help").stdout
    return [case for case in ALL if case.needs in options]
