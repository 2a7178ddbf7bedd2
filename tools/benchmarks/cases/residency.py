"""Many people of whom few are active, in little memory: how often somebody has to be fetched back,
and what that costs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from benchmarks.cases.context import Case, Context
from benchmarks.figures import BOUND, Figure, Outcome, Row, Sample, bound
from benchmarks.processes import resident_bytes
from benchmarks.stage import Served

# What entities may take. The read models of the whole network come on top of it.
BUDGET_MIB, BUDGET_MIB_QUICK = 256, 1
ACTIVE_MAX = 50_000
_FLAG = "--entities-memory"
_PAGE = 200
# The load client prepares so many requests at most: some runs with other people each.
_RUNS = 4


@dataclass(frozen=True)
class Usage:
    """What INFO says of entities, as far as it only grows."""

    lookups: int
    wakes: int

    @staticmethod
    def of(served: Served) -> Usage:
        with served.admin() as admin:
            found = admin.info("entities")
        return Usage(int(found["entity_lookups"]), int(found["entity_wakes"]))


def _active(served: Served) -> list[str]:
    """The usernames of those who follow the most popular account, as many as are active."""
    with open(served.tokens, encoding="utf-8") as file:
        largest = json.load(file)["largest"]["username"]
    names: list[str] = []
    words = ["FOLLOWERS", largest, "COUNT", str(_PAGE)]
    with served.admin() as admin:
        command = words
        while len(names) < ACTIVE_MAX:
            flat = admin.execute_command(*command)
            page = dict(zip(flat[::2], flat[1::2]))
            names += page["items"]
            if page["end"]:
                break
            command = words + ["AFTER", page["cursor"]]
    return names[:ACTIVE_MAX]


def _tokens(served: Served, active: list[str]) -> str:
    """The tokens with the active in the place of people; they are spoken for by a service."""
    with open(served.tokens, encoding="utf-8") as file:
        tokens = json.load(file)
    tokens["people"] = [{"username": name, "token": ""} for name in active]
    path = f"{served.tokens}.active"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(tokens, file)
        file.write("\n")
    return path


def _reading(context: Context, *flags: str) -> tuple[Figure, dict[str, float]]:
    """HOME by the active, with what it took of memory and how often somebody was fetched."""
    scale = context.scale
    served = context.stage.serve(scale.whole, *flags)
    tokens = _tokens(served, _active(served))
    before = Usage.of(served)
    loads = [
        context.drive(
            served, "home", service=True, tokens=tokens, seed=seed + 1,
            connections=scale.connections)
        for seed in range(_RUNS)]
    after = Usage.of(served)
    with served.admin() as admin:
        found = admin.info("entities")
    return Figure.of([load.sample() for load in loads], "pages/s"), {
        "hits": 1 - (after.wakes - before.wakes) / (after.lookups - before.lookups),
        "wake_us": float(found["entity_wake_us_mean"]),
        "asleep": float(found["entities_asleep"]), "awake": float(found["entities_awake"]),
        "resident_gib": resident_bytes(served.pid) / 2**30}


def run(context: Context) -> Outcome:
    scale = context.scale
    budget = BUDGET_MIB_QUICK if scale.is_quick else BUDGET_MIB
    narrow, told = _reading(context, _FLAG, str(budget))
    wide, _ = _reading(context)
    active = min(ACTIVE_MAX, scale.whole.people)
    hits = Figure.of([Sample(told["hits"] * 100)], "% of look-ups")
    return Outcome([
        Row(
            "residency/rate", f"HOME by {active:,} of {scale.whole.people:,} people, entities "
            f"within {budget} MiB", narrow, "the same with the default", wide, True, "reads",
            note=f"{told['awake']:,.0f} entities awake and {told['asleep']:,.0f} asleep in the "
            f"end; to fetch one took {told['wake_us']:.0f} µs; "
            f"{told['resident_gib']:.2f} GiB resident in all"),
        Row(
            "residency/hits", "the same, look-ups that found somebody in memory", hits, BOUND,
            bound(100, hits.unit), True, "")])


CASE = Case("residency", "few active people of many, in little memory", run, needs=_FLAG)
