"""The classical push design in Redis: a list of post ids for each person, a hash for each post and
each author."""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks.peers.model import FEED_LONGEST, Model
from benchmarks.peers.redis_server import RedisServer
from benchmarks.peers.resp_stream import connected, packed, stream

# As long as what Roost keeps ready for each person; the often named 800 cost Redis more.
FEED_MAX = FEED_LONGEST
AUTHOR_FIELDS = ["username", "name", "verified"]
PAGE = 20
_CHUNK_COMMANDS = 1_000

# Followers come from a list of Redis' own: nothing but the post crosses the network.
FAN_OUT_SCRIPT = f"""
local followers = redis.call('LRANGE', KEYS[1], 0, -1)
for i = 1, #followers do
  local feed = 'home:' .. followers[i]
  redis.call('LPUSH', feed, ARGV[1])
  redis.call('LTRIM', feed, 0, {FEED_MAX - 1})
end
return #followers
"""

# The same posts for some people in a row: it is how long the lists are that counts.
FILL_SCRIPT = """
local first, last = table.remove(ARGV, 1), table.remove(ARGV, 1)
for person = first, last do
  redis.call('RPUSH', 'home:' .. person, unpack(ARGV))
end
return last
"""

# The hash of an author is found under a number that the post holds.
HOME_SCRIPT = f"""
local page = {{}}
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, {PAGE - 1})) do
  local post = redis.call('HMGET', 'post:' .. id, 'author_number', unpack(ARGV))
  page[#page + 1] = post
  page[#page + 1] = redis.call('HMGET', 'author:' .. post[1], 'username', 'name', 'verified')
end
return page
"""


class FeedsInRedis:
    """A Redis server that holds the model's feeds."""

    def __init__(self, server: RedisServer, model: Model) -> None:
        self.server = server
        self.model = model
        self.connection = connected(server.port)
        self.fan_out_script = server.client.script_load(FAN_OUT_SCRIPT)
        self.home_script = server.client.script_load(HOME_SCRIPT)
        self.next_post = len(model.posts)

    def load_feeds(self) -> None:
        """A feed with some posts for everybody, so that pushing meets lists and not emptiness."""
        chance = random.Random(5)
        script = self.server.client.script_load(FILL_SCRIPT)

        def requests() -> Iterator[bytes]:
            for first in range(0, self.model.people, _CHUNK_COMMANDS):
                end = min(first + _CHUNK_COMMANDS, self.model.people)
                some = self.model.some_feed(chance)
                yield packed("EVALSHA", script, 0, first, end - 1, *some)

        stream(self.connection, requests(), -(-self.model.people // _CHUNK_COMMANDS))

    def load_posts(self) -> None:
        """The posts and authors, and the readers' own feeds in full."""
        model = self.model

        def requests() -> Iterator[bytes]:
            numbers = {author: number for number, author in enumerate(model.authors)}
            for post in model.posts:
                fields = [part for pair in model.post_fields(post) for part in pair]
                number = numbers[model.author_of(post)]
                yield packed("HSET", f"post:{post}", *fields, "author_number", number)
            for author, number in numbers.items():
                values = [part for pair in model.author_fields(author) for part in pair]
                yield packed("HSET", f"author:{number}", *values)
            for reader in model.readers:
                feed = model.feed_of(reader)
                yield packed("DEL", f"home:{reader}")
                yield packed("RPUSH", f"home:{reader}", *feed)

        replies = len(model.posts) + len(model.authors) + 2 * len(model.readers)
        stream(self.connection, _chunked(requests()), replies)

    def load_followers(self, name: str, followers: list[int]) -> None:
        def requests() -> Iterator[bytes]:
            for at in range(0, len(followers), _CHUNK_COMMANDS):
                some = followers[at:at + _CHUNK_COMMANDS]
                yield packed("RPUSH", f"followers:{name}", *some)

        stream(self.connection, requests(), -(-len(followers) // _CHUNK_COMMANDS))

    def prepared(self, followers: list[int]) -> tuple[list[bytes], int]:
        """One post and its way into every follower's feed: the requests, as chunks of bytes, and
        how many replies they get."""
        post, hashed = self._new_post()

        def requests() -> Iterator[bytes]:
            yield hashed
            for follower in followers:
                yield packed("LPUSH", f"home:{follower}", post)
                yield packed("LTRIM", f"home:{follower}", 0, FEED_MAX - 1)

        return list(_chunked(requests())), 1 + 2 * len(followers)

    def fan_out(self, prepared: tuple[list[bytes], int]) -> None:
        """Returns when Redis has answered everything."""
        stream(self.connection, *prepared)

    def fan_out_by_script(self, name: str, posts: int) -> None:
        """So many posts, one after another in one pipeline; returns when all are answered."""
        requests = []
        for _ in range(posts):
            post, hashed = self._new_post()
            requests.append(hashed)
            requests.append(
                packed("EVALSHA", self.fan_out_script, 1, f"followers:{name}", post))
        stream(self.connection, [b"".join(requests)], len(requests))

    def _new_post(self) -> tuple[int, bytes]:
        """An id, and the request that stores the post."""
        post = self.next_post
        self.next_post += 1
        fields = self.model.post_fields(self.model.posts[-1])
        return post, packed("HSET", f"post:{post}", *(part for pair in fields for part in pair))

    def home_command(self) -> list[str]:
        """A page of 20 of any reader, as one pipeline for `roost-bench load`. The client knows
        which posts and authors to ask for before it has seen the list, so that one round trip is
        enough where a real one needs three; what the server does is the same."""
        model = self.model
        words = ["LRANGE", f"home:__r:{len(model.readers)}__", "0", str(PAGE - 1)]
        for _ in range(PAGE):
            words += [";", "HMGET", f"post:__r:{len(model.posts)}__", *model.post_field_names]
        for _ in range(PAGE):
            words += [";", "HMGET", f"author:__r:{len(model.authors)}__", *AUTHOR_FIELDS]
        return words

    def scripted_home_command(self) -> list[str]:
        """The same page by a script in the server, for which the list decides."""
        return [
            "EVALSHA", self.home_script, "1", f"home:__r:{len(self.model.readers)}__",
            *self.model.post_field_names]

    def close(self) -> None:
        self.connection.close()


def _chunked(requests: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in larger pieces."""
    pieces: list[bytes] = []
    for request in requests:
        pieces.append(request)
        if len(pieces) == _CHUNK_COMMANDS:
            yield b"".join(pieces)
            pieces.clear()
    if pieces:
        yield b"".join(pieces)
