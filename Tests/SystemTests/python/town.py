"""People on a server, who speak one dialect and understand its replies."""

import itertools
import json

import pytest

from harness.clients import Lines, Refused, Resp

DIALECTS = ["lines", "resp2", "resp3"]
PASSWORD = "correct horse battery"

_numbers = itertools.count(1)

# The keys of every map that the protocol describes. RESP2 sends a map as a flat array; these tell
# one from a list.
FIELDS = set(
    """id username scope token name bio avatar verified private messages created_at followers
    following posts followed_by requested blocking blocked_by muting items cursor end author
    author_id kind text visibility status edited_at expires_at reply_to root quote_of warning tags
    mentions media poll likes replies shares quotes views liked shared bookmarked depth shared_by
    actors count post read direct title members unread role chat last_message score accounts usual
    tag position hash time format blocks enqueued durable durability skipped fold_version positions
    chat unsaid url alt link reactions reacted scheduled_at options multiple closes_at closed voters
    voted votes at stories pinned reporter reason
    bytes bytes_in_all events ms
    behind label expires server version proto mode modules last_used expires_at
    last_used_at current ok first_bad findings
    name fold_version current_fold_version state rebuild kept last_rebuild""".split())


def understood(value):
    """A reply with its maps as dictionaries, whatever the dialect made of them."""
    if isinstance(value, dict):
        return {key: understood(item) for key, item in value.items()}
    if isinstance(value, list):
        keys = value[::2]
        is_map = (
            len(value) >= 2 and len(value) % 2 == 0
            and all(isinstance(key, str) and key in FIELDS for key in keys)
            and len(set(keys)) == len(keys))
        if is_map:
            return {key: understood(item) for key, item in zip(keys, value[1::2])}
        return [understood(item) for item in value]
    return value


def as_map(value):
    """A map with keys that are not known beforehand."""
    return value if isinstance(value, dict) else dict(zip(value[::2], value[1::2]))


def newest_first(*ids):
    """Pages are ordered by id; two shards may give out ids in the same millisecond."""
    return sorted(ids, key=int, reverse=True)


class Person:
    """A connection, and who it is logged in as."""

    def __init__(self, dialect, port, name=None):
        self.dialect = dialect
        self.name = name
        self.id = None
        self.connection = Lines(port) if dialect == "lines" else Resp(port, int(dialect[-1]))

    def ask(self, *words):
        """The reply, with maps as dictionaries; Refused for an error."""
        return understood(self.ask_raw(*words))

    def ask_raw(self, *words):
        return self.connection.ask(*words)

    def refused(self, *words):
        """The code of the error that these words get."""
        with pytest.raises(Refused) as caught:
            self.ask(*words)
        return caught.value.code

    def pages(self, *words, count=20):
        """All items of a paged command, by following its cursors."""
        items, cursor = [], None
        for _ in range(1000):
            tail = ["COUNT", count] + (["AFTER", cursor] if cursor else [])
            page = self.ask(*words, *tail)
            assert set(page) == {"items", "cursor", "end"}, page
            assert len(page["items"]) <= count
            items += page["items"]
            if page["end"]:
                return items
            assert page["cursor"], "while end is 0 there is a cursor"
            cursor = page["cursor"]
        raise AssertionError("a list without an end")

    def ids(self, *words, count=20):
        return [item["id"] for item in self.pages(*words, count=count)]

    def next_push(self):
        """The next message of a channel: its channel and its event."""
        if self.dialect == "lines":
            message = self.connection.next_push()
            return message["channel"], message["event"]
        kind, channel, payload = self.connection.read()
        assert kind == "message"
        return channel, json.loads(payload)

    def subscribe(self, *channels):
        """Confirmed subscriptions: a reply for each channel in RESP; a line gets one line, the
        confirmations of several channels as an array."""
        self.connection.send("SUBSCRIBE", *channels)
        if self.dialect == "lines":
            confirmed = self.connection.read()
            return confirmed if len(channels) > 1 else [confirmed]
        return [self.connection.read() for _ in channels]

    def close(self):
        self.connection.close()


class Town:
    """Opens connections and closes them all at the end. Names are new in every test."""

    def __init__(self, server, dialect):
        self.server = server
        self.dialect = dialect
        self.open = []
        self.number = next(_numbers)

    def named(self, name):
        return f"{name}_{self.number}"

    def stranger(self):
        """A connection that nobody has logged in on."""
        person = Person(self.dialect, self.server.port)
        self.open.append(person)
        return person

    def person(self, name, *options):
        """Somebody new, signed up on a connection of their own."""
        person = self.stranger()
        person.name = self.named(name)
        person.id = person.ask("SIGNUP", person.name, PASSWORD, *options)["id"]
        return person

    def people(self, *names):
        return [self.person(name) for name in names]

    def again(self, person):
        """Another connection of the same person."""
        other = self.stranger()
        other.name, other.id = person.name, person.id
        assert other.ask("AUTH", person.name, PASSWORD) == "OK"
        return other

    def admin(self):
        person = self.stranger()
        assert person.ask("AUTH", self.server.admin_token()) == "OK"
        return person

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for person in self.open:
            person.close()
