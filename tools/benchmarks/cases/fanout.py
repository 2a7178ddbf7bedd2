"""Posts into the homes of all followers: Roost, Redis pipelined and by script, PostgreSQL, and what
the memory allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing

from benchmarks.cases.context import Case, Context
from benchmarks.figures import Figure, Floor, Outcome, Row, Sample
from benchmarks.native_programs import memory_limit
from benchmarks.peers.feeds_in_redis import FeedsInRedis
from benchmarks.peers.redis_server import Appending
from benchmarks.rounds import Measure

FLOOR = Floor(20, "≥ 20 ×")
# Above these, Roost pushes nothing (Sources/Projections/ReadModels.swift).
CELEBRITY_FOLLOWERS = 10_000
NOT_PUSHED = (
    f"accounts with more than {CELEBRITY_FOLLOWERS:,} followers are merged into homes when these "
    "are read, so nothing is written for a follower, and the memory is no limit")
# Of Roost, each with so many posts on the way: enough to keep it busy, as Redis is.
CONNECTIONS = 8
PIPELINE = 64
# Deliveries that Redis is given at once, at least: enough to keep it busy.
_DELIVERIES_AT_ONCE = 20_000
_PEERS = {
    "redis-pipelined": ("Redis, pipelined", "everysec", FLOOR),
    "redis-script": ("Redis, Lua", "everysec", None),
    "redis-memory": ("Redis, pipelined, no file", "none", None),
    "postgres": ("PostgreSQL, INSERT … SELECT", "synchronous_commit on", None),
    "postgres-async": ("PostgreSQL, INSERT … SELECT", "synchronous_commit off", None),
    "memory": ("the memory, one thread", "none", None),
}


class FanOuts:
    """The peers, with everything in them that a fan-out needs."""

    def __init__(self, context: Context, stack: ExitStack) -> None:
        self.context = context
        model = context.model
        self.followers = {count: model.followers(count) for count in context.scale.fan_outs}
        self.redis: dict[Appending, FeedsInRedis] = {}
        for appending in (Appending.EVERY_SECOND, Appending.NEVER):
            server = stack.enter_context(closing(context.redis(appending)))
            feeds = stack.enter_context(closing(FeedsInRedis(server, model)))
            feeds.load_feeds()
            for count, followers in self.followers.items():
                feeds.load_followers(str(count), followers)
            self.redis[appending] = feeds

    def _for_some_time(self, deliveries: int, push: Callable[[], None]) -> Sample:
        """Deliveries per second of one push after another, with this process' part of a core."""
        began, spent, done = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - began < self.context.scale.seconds:
            push()
            done += deliveries
        took = time.perf_counter() - began
        return Sample(done / took, {"client_share": (time.process_time() - spent) / took})

    def _in_redis(self, count: int, appending: Appending) -> Sample:
        feeds = self.redis[appending]
        posts = max(1, _DELIVERIES_AT_ONCE // count)
        prepared = [feeds.prepared(self.followers[count]) for _ in range(min(posts, 8))]
        chunks = [chunk for number in range(posts) for chunk in prepared[number % 8][0]]
        replies = prepared[0][1] * posts
        return self._for_some_time(posts * count, lambda: feeds.fan_out((chunks, replies)))

    def _by_script(self, count: int) -> Sample:
        feeds = self.redis[Appending.EVERY_SECOND]
        posts = max(1, _DELIVERIES_AT_ONCE // count)
        return self._for_some_time(
            posts * count, lambda: feeds.fan_out_by_script(str(count), posts))

    def _in_postgres(self, count: int, is_synchronous: bool) -> Sample:
        # About as long as the others take, by what PostgreSQL does in a second here.
        posts = max(1, round(self.context.scale.seconds * 50_000 / count))
        return Sample(self.context.postgres.fan_out(-count, posts, is_synchronous).rate * count)

    def contenders(self, count: int) -> dict[str, Measure]:
        """By name, what each of them does with posts of an account with so many followers."""
        context = self.context
        served = context.stage.serve(context.scale.whole)
        return {
            "Roost": lambda: context.drive(
                served, "fanout", followers=count, pipeline=PIPELINE, connections=CONNECTIONS,
            ).sample("deliveries_per_second"),
            "redis-pipelined": lambda: self._in_redis(count, Appending.EVERY_SECOND),
            "redis-script": lambda: self._by_script(count),
            "redis-memory": lambda: self._in_redis(count, Appending.NEVER),
            "postgres": lambda: self._in_postgres(count, True),
            "postgres-async": lambda: self._in_postgres(count, False),
            "memory": lambda: Sample(memory_limit(
                context.workplace, context.scale.peer_people, count, context.scale.seconds / 2))}


def _rows(count: int, found: dict[str, Figure]) -> list[Row]:
    rows = []
    for key, (name, durability, floor) in _PEERS.items():
        what = f"fan-out to {count:,} followers until visible, deliveries/s"
        note = NOT_PUSHED if floor and count > CELEBRITY_FOLLOWERS else ""
        rows.append(Row(
            f"fanout-{count}/{key}", what, found["Roost"], name, found[key], True,
            f"Roost: always; peer: {durability}", floor, note))
    return rows


def run(context: Context) -> Outcome:
    outcome = Outcome()
    with ExitStack() as stack:
        fan_outs = FanOuts(context, stack)
        for count in context.scale.fan_outs:
            outcome.rows += _rows(
                count, context.measure(fan_outs.contenders(count), "deliveries/s"))
    return outcome


CASE = Case("fanout", "posts into homes: Redis, PostgreSQL, the memory's limit", run)
