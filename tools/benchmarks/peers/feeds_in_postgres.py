"""Two classical designs in PostgreSQL: feeds that are pushed into a table, and feeds that are
joined when they are read."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterable

from benchmarks.peers.model import Model
from benchmarks.peers.pgbench import Pgbench, pgbench
from benchmarks.peers.postgres_server import PostgresServer

SCHEMA = """
create table people (id bigint primary key, username text, name text, verified int);
create table posts (
  id bigint primary key, author_id bigint not null, kind text, text text, visibility text,
  status text, created_at bigint, edited_at bigint, expires_at bigint, reply_to bigint,
  root bigint, quote_of bigint, warning text, tags text, mentions text, media text, poll text,
  link text, likes int, replies int, shares int, quotes int, views int, reactions text);
create table follows (follower bigint, followee bigint, primary key (follower, followee));
create table feed_entries (person bigint, post bigint, primary key (person, post));
"""
# Those that are not primary keys; made after loading.
INDEXES = """
create index on posts (author_id, id desc);
create index on follows (followee);
"""

FAN_OUT = """
\\set post :first_post + random(1, 1000000000)
with posted as (
  insert into posts (id, author_id, kind, text, visibility, status, created_at)
  values (:post, :author, 'text', 'the night train finally works', 'public', 'published', 0)
  returning id)
insert into feed_entries select follower, posted.id from posted, follows
where followee = :author;
"""

_COLUMNS = """
p.id, u.username, p.author_id, p.kind, p.text, p.visibility, p.status, p.created_at, p.edited_at,
p.expires_at, p.reply_to, p.root, p.quote_of, p.warning, p.tags, p.mentions, p.media, p.poll,
p.link, p.likes, p.replies, p.shares, p.quotes, p.views, p.reactions, u.name, u.verified"""

HOME_FROM_FEED = f"""
\\set reader random(0, :readers - 1)
select {_COLUMNS}
from (
  select post from feed_entries where person = :reader order by post desc limit 20) feed
join posts p on p.id = feed.post join people u on u.id = p.author_id
order by p.id desc;
"""

# The newest 20 of each who is followed, from the index, and of those the newest 20.
HOME_BY_JOIN = f"""
\\set reader random(0, :readers - 1)
select {_COLUMNS}
from (
  select newest.* from follows f
  join lateral (
    select * from posts where author_id = f.followee order by id desc limit 20) newest on true
  where f.follower = :reader order by newest.id desc limit 20) p
join people u on u.id = p.author_id order by p.id desc;
"""


class FeedsInPostgres:
    """A PostgreSQL server that holds the model's people, posts, follows and feeds."""

    def __init__(self, server: PostgresServer, model: Model, directory: str) -> None:
        """`directory`: a new one, for what the load client writes."""
        self.server = server
        self.model = model
        self.directory = directory
        os.makedirs(directory)
        self.runs = 0
        server.sql(SCHEMA)

    def load(self, feeds: int) -> None:
        """Everything that is read, feeds of some posts for so many others, then the indexes."""
        model = self.model
        chance = random.Random(6)
        self._people()
        self._copy("posts", (self._post_row(post) for post in model.posts))
        self._copy("follows", (
            f"{reader}\t{author}\n"
            for reader in model.readers for author in model.following_of(reader)))
        self._copy("feed_entries", (
            f"{reader}\t{post}\n" for reader in model.readers for post in model.feed_of(reader)))
        some = model.some_feed(chance)
        values = ", ".join(f"({post})" for post in some)
        self.server.sql(
            f"insert into feed_entries select person, post from "
            f"generate_series(0, {feeds - 1}) as person, (values {values}) as loaded (post) "
            f"where person >= {len(model.readers)};")
        self.server.sql(INDEXES)
        self.server.sql("vacuum analyze; checkpoint;")

    def _people(self) -> None:
        self.server.sql(
            "insert into people select id, 'user' || id, 'User ' || id, 0 "
            f"from generate_series(0, {self.model.people - 1}) as id;")

    def _post_row(self, post: int) -> str:
        fields = dict(self.model.post_fields(post))
        del fields["author"]
        return "\t".join(
            str(value) if value != "" else "\\N" for value in fields.values()) + "\n"

    def _copy(self, table: str, rows: Iterable[str]) -> None:
        text = io.StringIO()
        text.write(f"copy {table} from stdin;\n")
        text.writelines(rows)
        text.write("\\.\n")
        self.server.sql(text.getvalue())

    def add_author(self, author: int, followers: list[int]) -> None:
        """Somebody new whom these people follow."""
        self.server.sql(f"insert into people values ({author}, 'author', 'Author', 0);")
        self._copy("follows", (f"{follower}\t{author}\n" for follower in followers))

    def settle(self) -> None:
        """After loading, so that no measurement pays for it."""
        self.server.sql("vacuum analyze; checkpoint;")

    def fan_out(self, author: int, posts: int, is_synchronous: bool) -> Pgbench:
        """Pushes so many posts of an author, one after another on one connection."""
        return self._bench(
            FAN_OUT, connections=1, transactions=posts, is_synchronous=is_synchronous,
            variables={"author": author, "first_post": len(self.model.posts)})

    def home(self, script: str, connections: int, seconds: float) -> Pgbench:
        """Pages of readers at random, for about so long."""
        # Below its shortest time, which is a second, the load client counts instead.
        transactions = 0 if seconds >= 1 else 50
        return self._bench(
            script, connections=connections, seconds=seconds, transactions=transactions,
            variables={"readers": len(self.model.readers)})

    def _bench(self, script: str, **options: object) -> Pgbench:
        self.runs += 1
        directory = os.path.join(self.directory, f"pgbench-{self.runs}")
        return pgbench(self.server, script, directory, **options)  # type: ignore[arg-type]
