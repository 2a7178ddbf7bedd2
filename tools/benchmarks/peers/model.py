"""The people, posts and feeds that the peers hold: as many as in the network that Roost serves, and
of the same shape. Drawn from a seed, so that every run has the same."""

from __future__ import annotations

import random
from functools import lru_cache
from itertools import accumulate

from benchmarks.scale import Scale

# Posts in the feed of somebody who is not read, and of a reader.
_FEED_LOADED = 20
FEED_LONGEST = 128
# Whom a reader follows, by the published system's mean.
FOLLOWING_MEAN = 46
_WORDS = (
    "just heard that the new library opens again tomorrow who is coming along photos follow "
    "tonight our little bakery made it to the front page thank you all").split()


class Model:
    """A person is a number below `people`, a post one below `posts`, and a reader one below
    `readers`: so a load client can name any of them without knowing them. Newer posts have higher
    numbers."""

    def __init__(self, scale: Scale) -> None:
        chance = random.Random(1)
        self.people = scale.peer_people
        self.posts = range(scale.peer_posts)
        # A few write most of what is read: the same heavy tail for authors as for followers.
        ranks = range(1, self.people // 20 + 2)
        weights = [1 / rank for rank in ranks]
        shuffled = chance.sample(range(self.people), len(ranks))
        self._author = dict(zip(
            self.posts, chance.choices(shuffled, weights, k=len(self.posts))))
        self.authors = sorted(set(self._author.values()))
        self._posts_of: dict[int, list[int]] = {author: [] for author in self.authors}
        for post in self.posts:
            self._posts_of[self._author[post]].append(post)
        self.readers = range(scale.peer_readers)
        # Readers follow by popularity, here: by how much somebody writes.
        weights_in_all = list(accumulate(len(self._posts_of[author]) for author in self.authors))
        self._following = {
            reader: sorted(set(chance.choices(
                self.authors, cum_weights=weights_in_all, k=FOLLOWING_MEAN)))
            for reader in self.readers}
        self._texts = [
            " ".join(chance.choices(_WORDS, k=chance.randint(6, 18))) for _ in range(1_000)]

    def author_of(self, post: int) -> int:
        return self._author[post]

    def following_of(self, reader: int) -> list[int]:
        return self._following[reader]

    @lru_cache(maxsize=None)
    def feed_of(self, reader: int) -> list[int]:
        """The newest posts of everybody followed, newest first."""
        posts = [
            post for author in self._following[reader]
            for post in self._posts_of[author][-FEED_LONGEST:]]
        return sorted(posts, reverse=True)[:FEED_LONGEST]

    def some_feed(self, chance: random.Random) -> list[int]:
        """Posts for somebody who will not be read."""
        start = chance.randrange(max(1, len(self.posts) - _FEED_LOADED))
        return list(self.posts[start:start + _FEED_LOADED][::-1])

    def followers(self, count: int) -> list[int]:
        """So many people at random, ascending as any index holds them."""
        return sorted(random.Random(count).sample(range(self.people), count))

    def text_of(self, post: int) -> str:
        return self._texts[post % len(self._texts)]

    def post_fields(self, post: int) -> list[tuple[str, object]]:
        """Everything that GET shows of a post, as it would be in a hash."""
        author = self._author[post]
        return [
            ("id", post), ("author", f"user{author}"), ("author_id", author), ("kind", "text"),
            ("text", self.text_of(post)), ("visibility", "public"), ("status", "published"),
            ("created_at", 1_735_000_000_000 + post % 1_000_000), ("edited_at", ""),
            ("expires_at", ""), ("reply_to", ""), ("root", post), ("quote_of", ""),
            ("warning", ""), ("tags", "[]"), ("mentions", "[]"), ("media", "[]"), ("poll", ""),
            ("link", ""), ("likes", post % 50), ("replies", post % 7), ("shares", post % 5),
            ("quotes", 0), ("views", post % 900), ("reactions", "{}")]

    @property
    def post_field_names(self) -> list[str]:
        return [name for name, _ in self.post_fields(self.posts[0])]

    @staticmethod
    def author_fields(author: int) -> list[tuple[str, object]]:
        return [("username", f"user{author}"), ("name", f"User {author}"), ("verified", 0)]
