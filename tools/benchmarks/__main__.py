"""The command line of tools/bench."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from contextlib import ExitStack
from datetime import datetime, timezone

from benchmarks.cases import ALL, measurable
from benchmarks.cases.context import Case, Context
from benchmarks.machine import describe
from benchmarks.networks import Networks
from benchmarks.processes import raise_descriptor_limit
from benchmarks.report import page
from benchmarks.report.comparison import FALL_MAX, fallen
from benchmarks.report.result import Result
from benchmarks.report.table import plain
from benchmarks.scale import FULL, QUICK
from benchmarks.stage import Stage
from benchmarks.workplace import DEFAULT_DIRECTORY, Workplace


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/bench", description=(
        "Measures Roost beside Redis 7, PostgreSQL 15, LMDB and the memory of this machine, prints "
        "one table of ratios, and records it in docs/benchmarks with plots."))
    parser.add_argument(
        "--check", action="store_true",
        help="record nothing; name the ratios that are more than "
        f"{FALL_MAX * 100:.0f} %% worse than those recorded, and exit 1 if there are any")
    parser.add_argument(
        "--only", action="append", metavar="NAME", choices=[case.name for case in ALL],
        help="only this benchmark (may be repeated); not recorded unless --record is given")
    parser.add_argument(
        "--record", action="store_true",
        help="put what --only finds into the result that is recorded")
    parser.add_argument("--quick", action="store_true", help="a tiny network, nothing recorded")
    parser.add_argument("--list", action="store_true", help="name the benchmarks")
    parser.add_argument(
        "--page", action="store_true", help="write docs/benchmarks.md anew from what is recorded")
    parser.add_argument(
        "--to", metavar="DIR", help="also write the JSON and the plots into this directory")
    parser.add_argument("--higgs", metavar="DIR", help="data of an imported Higgs week")
    parser.add_argument(
        "--networks", metavar="DIR", help="networks that are made already: 10k, 100k, 1m")
    parser.add_argument(
        "--work", metavar="DIR", default=DEFAULT_DIRECTORY,
        help="where networks are kept and servers keep their data (%(default)s)")
    options = parser.parse_args()
    if options.record and (not options.only or options.quick or options.check):
        parser.error("--record goes with --only, and with neither --quick nor --check")
    return options


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _run(case: Case, context: Context, result: Result) -> bool:
    """Whether it produced its figures. One that fails does not end the others."""
    began = time.monotonic()
    try:
        result.outcomes[case.name] = case.run(context)
    except Exception:  # noqa: BLE001  whatever it was, it is printed and the run fails
        _say(f"bench: {case.name} failed:\n{traceback.format_exc()}")
        context.stage.close()
        return False
    _say(f"{case.name}: {time.monotonic() - began:.1f} s")
    return True


def _measure(options: argparse.Namespace, result: Result) -> bool:
    scale = QUICK if options.quick else FULL
    cases = [case for case in measurable() if not options.only or case.name in options.only]
    workplace = Workplace(options.work)
    networks = Networks(workplace, options.networks)
    stage = Stage(scale, workplace, networks)
    result.machine = describe(workplace)
    try:
        with ExitStack() as stack:
            context = Context(scale, workplace, networks, stage, options.higgs, stack)
            succeeded = [_run(case, context, result) for case in cases]
    finally:
        stage.close()
        workplace.close()
    return all(succeeded)


def _keep(options: argparse.Namespace, result: Result) -> None:
    """Writes what is asked for. What failed is missing in it, and can be added with --record."""
    if options.to:
        page.write_result(result, options.to)
    if options.quick or options.check:
        return
    before = page.recorded()
    if options.record and before:
        before.outcomes |= result.outcomes
        # The page names what was measured last; a row and its peers are always of one run.
        before.time, before.machine = result.time, result.machine
        before.seconds = round(before.seconds + result.seconds, 1)
        page.record(before)
    elif not options.only and result.outcomes:
        page.record(result)


def main() -> int:
    options = _options()
    if options.list:
        for case in ALL:
            print(f"{case.name:10} {case.summary}")
        return 0
    if options.page:
        page.write_page()
        return 0
    recorded = page.recorded() if options.check else None
    if options.check and recorded is None:
        _say("bench: there is no recorded result to compare with")
        return 2
    raise_descriptor_limit()
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    result = Result("quick" if options.quick else "full", now, {})
    began = time.monotonic()
    is_complete = _measure(options, result)
    result.seconds = round(time.monotonic() - began, 1)
    print("\n".join(f"{name}: {value}" for name, value in result.machine.items()))
    if options.quick:
        print("\nA tiny network for a moment: that all works is what it shows, no ratio counts.")
    print(f"\n{plain(result.rows)}\n\n{page.notes(result)}\n\nin {result.seconds:.0f} s")
    _keep(options, result)
    if recorded:
        sentences = fallen(recorded, result)
        print("\n".join(sentences) or "no ratio fell")
        return 1 if sentences or not is_complete else 0
    return 0 if is_complete else 1


if __name__ == "__main__":
    sys.exit(main())
