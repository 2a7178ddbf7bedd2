"""What a benchmark is, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property

from benchmarks.figures import Figure, Outcome
from benchmarks.load import Load, drive
from benchmarks.networks import Networks
from benchmarks.peers.feeds_in_postgres import FeedsInPostgres
from benchmarks.peers.model import Model
from benchmarks.peers.postgres_server import PostgresServer
from benchmarks.peers.redis_server import Appending, RedisServer
from benchmarks.rounds import Measure, side_by_side
from benchmarks.scale import Scale
from benchmarks.stage import Served, Stage
from benchmarks.workplace import Workplace

# Feeds in PostgreSQL: fewer people than elsewhere, which is in its favour.
POSTGRES_FEEDS_MAX = 100_000
# What the same person cannot do twice to the same effect.
_ONCE = {"like", "follow", "mix"}


@dataclass
class Context:
    scale: Scale
    workplace: Workplace
    networks: Networks
    stage: Stage
    # An imported Higgs week, where there is one.
    higgs: str | None
    # Ends what several benchmarks share.
    stack: ExitStack

    @cached_property
    def model(self) -> Model:
        """What the peers hold; made once, as it takes a second or two."""
        return Model(self.scale)

    @cached_property
    def postgres(self) -> FeedsInPostgres:
        """PostgreSQL with people, posts, follows and feeds, and an author for each fan-out: with N
        followers, the person -N."""
        directory = self.workplace.new("postgres")
        server = self.stack.enter_context(closing(PostgresServer(directory)))
        feeds = FeedsInPostgres(server, self.model, self.workplace.new("pgbench"))
        feeds.load(min(self.model.people, POSTGRES_FEEDS_MAX))
        for count in self.scale.fan_outs:
            feeds.add_author(-count, self.model.followers(count))
        feeds.settle()
        return feeds

    def redis(self, appending: Appending) -> RedisServer:
        """A new and empty Redis; to be closed by whoever asks for it."""
        return RedisServer(self.workplace.new("redis"), appending)

    def drive(
        self, served: Served, workload: str, command: Sequence[str] = (), **options: object
    ) -> Load:
        """A load on Roost, as long as every measurement, as people of the network."""
        is_once = workload in _ONCE
        connections = int(str(options.get("connections", 1)))
        chosen: dict[str, object] = {
            "tokens": served.fresh_tokens(connections) if is_once else served.tokens,
            "seconds": self.scale.seconds, "warmup": self.scale.warmup,
            "server_pid": served.pid}
        return drive(served.address, workload, command, **(chosen | options))

    def drive_redis(
        self, server: RedisServer, command: Sequence[str], **options: object
    ) -> Load:
        """The same client with any command, on Redis."""
        chosen: dict[str, object] = {
            "seconds": self.scale.seconds, "warmup": self.scale.warmup, "server_pid": server.pid}
        return drive(server.address, "command", command, **(chosen | options))

    def measure(self, contenders: dict[str, Measure], unit: str) -> dict[str, Figure]:
        return side_by_side(contenders, unit, self.scale.rounds)


@dataclass(frozen=True)
class Case:
    """A benchmark: its name on the command line and what it measures, in one sentence. `needs`: an
    option of `roost serve` without which there is nothing to measure."""

    name: str
    summary: str
    run: Callable[[Context], Outcome]
    needs: str = ""
