"""How large and how long: the run that counts, and a tiny one that only shows that all works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkSize:
    """A network that `roost-bench network` makes. The same numbers make the same bytes."""

    name: str
    people: int
    follows: int
    posts: int
    # People who can be logged in as, besides popular accounts and their followers.
    tokens: int = 10_000

    def words(self) -> list[str]:
        return [
            "--people", str(self.people), "--follows", str(self.follows),
            "--posts", str(self.posts), "--tokens", str(self.tokens), "--seed", "1"]


# The numbers of the published system that ours succeeds, and the same in small.
WHOLE = NetworkSize("1m", 1_091_000, 50_368_293, 73_817)
HUNDRED = NetworkSize("100k", 100_000, 4_600_000, 20_000)
TEN = NetworkSize("10k", 10_000, 460_000, 10_000)
TINY = NetworkSize("2k", 2_000, 40_000, 1_000, tokens=500)
# Nothing but people, and the same people with nothing but follows: what one of each costs.
PEOPLE = NetworkSize("100k-people", 100_000, 0, 0, tokens=0)
FOLLOWS = NetworkSize("100k-follows", 100_000, 4_600_000, 0, tokens=0)
FEW_PEOPLE = NetworkSize("10k-people", 10_000, 0, 0, tokens=0)
FEW_FOLLOWS = NetworkSize("10k-follows", 10_000, 200_000, 0, tokens=0)


@dataclass(frozen=True)
class Scale:
    """One of FULL and QUICK."""

    name: str
    whole: NetworkSize
    middle: NetworkSize
    # Ascending, the whole one last.
    growing: list[NetworkSize]
    only_people: NetworkSize
    only_follows: NetworkSize
    # How long one measurement lasts, what passes before it, and how often it is taken.
    seconds: float
    warmup: float
    rounds: int
    connections: int
    pipelines: list[int]
    # Followers of the accounts that post; those that the network has are taken.
    fan_outs: list[int]
    subscribers: int
    messages_per_second: int
    idle_connections: int
    shards: list[int]
    # Feeds, posts and readers that the peers hold.
    peer_people: int
    peer_posts: int
    peer_readers: int

    @property
    def is_quick(self) -> bool:
        return self.name == "quick"


FULL = Scale(
    name="full", whole=WHOLE, middle=HUNDRED, growing=[TEN, HUNDRED, WHOLE],
    only_people=PEOPLE, only_follows=FOLLOWS,
    seconds=2, warmup=0.5, rounds=3, connections=50, pipelines=[1, 16, 64],
    fan_outs=[100, 1_000, 10_000, 100_000],
    subscribers=10_000, messages_per_second=1_000, idle_connections=18_000,
    shards=[1, 2, 4, 8, 16, 32],
    peer_people=WHOLE.people, peer_posts=WHOLE.posts, peer_readers=5_000)

QUICK = Scale(
    name="quick", whole=TINY, middle=TINY, growing=[TINY],
    only_people=FEW_PEOPLE, only_follows=FEW_FOLLOWS,
    seconds=0.1, warmup=0.02, rounds=1, connections=4, pipelines=[1, 16],
    fan_outs=[100],
    subscribers=50, messages_per_second=100, idle_connections=2_000,
    shards=[1, 2],
    peer_people=TINY.people, peer_posts=TINY.posts, peer_readers=500)
