"""A page of 20 from somebody's home, with everything that GET shows."""

from __future__ import annotations

from contextlib import ExitStack, closing

from benchmarks.cases.context import Case, Context
from benchmarks.figures import (
    Curve, Figure, Floor, Outcome, Row, Sample, Series, against_bound)
from benchmarks.load import Load
from benchmarks.peers.feeds_in_postgres import HOME_BY_JOIN, HOME_FROM_FEED
from benchmarks.peers.feeds_in_redis import FeedsInRedis
from benchmarks.peers.redis_server import Appending

P99_MS_MAX = 1
_PEERS = {
    "redis-pipelined": ("Redis, LRANGE + 40 × HMGET", Floor(3, "≥ 3 ×")),
    "redis-script": ("Redis, Lua", None),
    "postgres-feed": ("PostgreSQL, feed_entries", Floor(50, "≥ 50 ×")),
    "postgres-join": ("PostgreSQL, join when read", Floor(50, "≥ 50 ×")),
}
_SHARES = [0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999]


class Homes:
    """All sides of the comparison, and the latencies that each has shown last."""

    def __init__(self, context: Context, stack: ExitStack) -> None:
        self.context = context
        server = stack.enter_context(closing(context.redis(Appending.EVERY_SECOND)))
        self.redis = stack.enter_context(closing(FeedsInRedis(server, context.model)))
        self.redis.load_posts()
        self.curves: dict[str, list[tuple[float, float]]] = {}

    def _kept(self, name: str, load: Load) -> Load:
        self.curves[name] = load.curve
        return load

    def roost(self, connections: int) -> Sample:
        served = self.context.stage.serve(self.context.scale.whole)
        # As anybody of thousands, as a back end does: not one page again and again.
        return self._kept("Roost", self.context.drive(
            served, "home", service=True, connections=connections)).sample()

    def from_redis(self, name: str, command: list[str], connections: int) -> Sample:
        return self._kept(name, self.context.drive_redis(
            self.redis.server, command, connections=connections)).sample()

    def from_postgres(self, name: str, script: str, connections: int) -> Sample:
        found = self.context.postgres.home(script, connections, self.context.scale.seconds)
        self.curves[name] = [(share, found.at(share) * 1e6) for share in _SHARES]
        return Sample(found.rate, {"p99_us": found.at(0.99) * 1e6})

    def measured(self, connections: int) -> dict[str, Figure]:
        pipelined, script = self.redis.home_command(), self.redis.scripted_home_command()
        return self.context.measure({
            "Roost": lambda: self.roost(connections),
            "redis-pipelined": lambda: self.from_redis("redis-pipelined", pipelined, connections),
            "redis-script": lambda: self.from_redis("redis-script", script, connections),
            "postgres-feed": lambda: self.from_postgres(
                "postgres-feed", HOME_FROM_FEED, connections),
            "postgres-join": lambda: self.from_postgres(
                "postgres-join", HOME_BY_JOIN, connections)}, "pages/s")


def _latencies(homes: Homes, connections: int) -> Curve:
    names = {"Roost": "Roost"} | {key: name for key, (name, _) in _PEERS.items()}
    series = []
    for key, name in names.items():
        points = [(1 / (1 - share), us / 1_000) for share, us in homes.curves[key] if share < 1]
        series.append(Series(name, points))
    return Curve(
        "home-latency", f"HOME of 20 items by percentile, {connections} connections, pipeline 1",
        "1 / (1 − share of all requests): 10 is p90, 1 000 is p99.9", "milliseconds", series,
        reason="Each side as fast as it can be, with every connection waiting for its page: the "
        "height is what a page costs the server, the right end what disturbs it.")


def _get(context: Context, homes: Homes) -> Row:
    """A single post, all of it."""
    connections = context.scale.connections
    served = context.stage.serve(context.scale.whole)
    posts = len(context.model.posts)
    command = ["HMGET", f"post:__r:{posts}__", *context.model.post_field_names]
    found = context.measure({
        "Roost": lambda: context.drive(served, "get", connections=connections).sample(),
        "Redis": lambda: context.drive_redis(
            homes.redis.server, command, connections=connections).sample()}, "posts/s")
    return Row(
        f"get-{connections}/redis", f"GET of a post, posts/s, {connections} connections",
        found["Roost"], "Redis, HMGET", found["Redis"], True, "reads")


def run(context: Context) -> Outcome:
    outcome = Outcome()
    with ExitStack() as stack:
        homes = Homes(context, stack)
        for connections in (1, context.scale.connections):
            found = homes.measured(connections)
            on = f"{connections} connection{'s' if connections > 1 else ''}"
            is_main = connections == context.scale.connections
            for key, (name, floor) in _PEERS.items():
                outcome.rows.append(Row(
                    f"home-{connections}/{key}", f"HOME of 20 items, warm, pages/s, {on}",
                    found["Roost"], name, found[key], True, "reads", floor if is_main else None))
            p99 = Figure.of([Sample(found["Roost"].more["p99_us"] / 1_000)], "ms")
            outcome.rows.append(against_bound(
                f"home-{connections}/p99", f"HOME of 20 items, p99 at pipeline 1, {on}", p99,
                P99_MS_MAX, False, "reads"))
        outcome.rows.append(_get(context, homes))
        outcome.curves.append(_latencies(homes, context.scale.connections))
    return outcome


CASE = Case("home", "a page of 20 from a home: Redis and PostgreSQL, both designs each", run)
