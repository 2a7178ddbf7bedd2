"""How the cost of pushing and of reading grows: with followers, with follows, with depth, with the
network."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Curve, Outcome, Series
from benchmarks.scale import NetworkSize
from benchmarks.stage import Served

# How many somebody follows: of those with a token, the nearest to each of these.
FOLLOWS = [5, 20, 50, 100, 200, 500, 1_000]
# Pages of 20 items from the top.
DEPTHS = [0, 1, 2, 4, 8, 16, 32]
_PAGE = 20


def _tokens(served: Served) -> dict[str, Any]:
    with open(served.tokens, encoding="utf-8") as file:
        return json.load(file)


def _microseconds(context: Context, served: Served, command: list[str]) -> float:
    """The median of a request on one connection, with nothing else under way."""
    found = context.drive(
        served, "command", command, service=True, connections=1,
        seconds=context.scale.seconds / 4, warmup=context.scale.warmup / 5)
    return float(found.whole["p50_us"])


def _fan_out(context: Context, served: Served) -> list[tuple[float, float]]:
    classes = [item["followers"] for item in _tokens(served)["classes"]]
    points = []
    for followers in sorted(classes):
        found = context.drive(
            served, "fanout", followers=followers, pipeline=16, connections=1,
            seconds=context.scale.seconds / 2, warmup=context.scale.warmup / 2)
        points.append((float(followers), 1e6 / float(found.whole["posts_per_second"])))
    return points


def _home_by_follows(context: Context, served: Served) -> list[tuple[float, float]]:
    people = _tokens(served)["people"]
    points: dict[float, float] = {}
    for wanted in FOLLOWS:
        person = min(people, key=lambda item: abs(item["following"] - wanted))
        command = ["AS", person["username"], "HOME", "COUNT", str(_PAGE)]
        points[float(person["following"])] = _microseconds(context, served, command)
    return sorted(points.items())


def _home_by_depth(context: Context, served: Served) -> list[tuple[float, float]]:
    """Pages of somebody who follows many, as deep as their home reaches."""
    person = max(_tokens(served)["people"], key=lambda item: item["following"])
    home: list[str] = ["AS", person["username"], "HOME", "COUNT", str(_PAGE)]
    points: list[tuple[float, float]] = []
    wanted = list(DEPTHS)
    command, depth, is_over = home, 0, False
    with served.admin() as admin:
        while wanted and not is_over:
            # The load client would take two underscores, which a cursor may hold, for one of its
            # placeholders: then the next page is measured in its place.
            if depth >= wanted[0] and "__" not in command[-1]:
                wanted.pop(0)
                points.append((float(depth + 1), _microseconds(context, served, command)))
            flat = admin.execute_command(*command)
            page = dict(zip(flat[::2], flat[1::2]))
            is_over = bool(page["end"])
            command = home + ["AFTER", page["cursor"]]
            depth += 1
    return points


def run(context: Context) -> Outcome:
    sizes: list[NetworkSize] = context.scale.growing
    found: dict[str, list[Series]] = {"fan-out": [], "follows": [], "depth": []}
    for size in sizes:
        served = context.stage.serve(size)
        name = f"{size.people:,} people"
        found["fan-out"].append(Series(name, _fan_out(context, served)))
        found["follows"].append(Series(name, _home_by_follows(context, served)))
        found["depth"].append(Series(name, _home_by_depth(context, served)))
    return Outcome([], [
        Curve(
            "fan-out-against-followers", "A post until visible to all, against followers",
            "followers", "microseconds per post", found["fan-out"],
            is_growth=True, reason="A post costs its sync, shared by 16 of them, and one write for "
            "each follower; above the bound for celebrities nothing is pushed, and homes merge it "
            "when they are read. How many people there are matters by what the caches hold."),
        Curve(
            "home-against-follows", "HOME of 20 items, against how many one follows", "follows",
            "microseconds", found["follows"],
            is_growth=True, reason="A page is read from the reader's own ring, whatever they "
            "follow; what is merged into it are the celebrities among those who are followed."),
        Curve(
            "home-against-depth", "HOME of 20 items, page by page", "page", "microseconds",
            found["depth"],
            is_growth=True, reason="As far as the ring reaches, a page costs its items; below it "
            "each page is merged from the outboxes of all who are followed.")])


CASE = Case("growth", "how fan-out and HOME grow with followers, follows, depth and people", run)
