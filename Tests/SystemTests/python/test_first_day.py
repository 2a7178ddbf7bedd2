"""The first day of three people on a new server, through redis-py as an application would use it.

Read it from top to bottom: every chapter goes on where the one before ended. Each person is a
function: `ada("POST", "Hello")` sends that command over her connection and returns the reply. The
same story, told shorter, is docs/walkthrough.md.
"""

import json
import time

import pytest
import redis

from harness.server import run, wait_until

PASSWORD = "correct horse battery"


class Person:
    """Somebody with an application that keeps a token, not a password."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.token = None
        self.client = None

    def sign_up(self, *options):
        """The connection that signs up is that person; the token is for all that follow."""
        first = redis.Redis(port=self.server.port, protocol=3, decode_responses=True)
        first.execute_command("SIGNUP", self.name, PASSWORD, *options)
        self.token = first.execute_command("TOKEN", "NEW", "LABEL", "phone")["token"]
        first.close()
        return self.connect()

    def connect(self):
        """Again after a restart: the port may be another."""
        self.client = redis.Redis(
            port=self.server.port, protocol=3, password=self.token, decode_responses=True)
        return self

    def __call__(self, *words):
        return self.client.execute_command(*words)

    def refused(self, *words):
        """The first word of the error that these words get."""
        with pytest.raises(redis.exceptions.RedisError) as caught:
            self(*words)
        return str(caught.value).split(" ")[0]

    def items(self, *words):
        """A page's items."""
        page = self(*words)
        assert page["end"] == 1, "all of it fits on one page"
        return page["items"]

    def texts(self, *words):
        return [item["text"] for item in self.items(*words)]

    def listen(self, *channels):
        return Ears(self, channels)


class Ears:
    """A second connection, on which things arrive as they happen."""

    def __init__(self, person, channels):
        self.client = redis.Redis(
            port=person.server.port, protocol=3, password=person.token, decode_responses=True)
        self.pubsub = self.client.pubsub()
        self.pubsub.subscribe(*channels)
        for _ in channels:
            assert self.pubsub.get_message(timeout=10)["type"] == "subscribe"

    def hear(self, count):
        """The next so many messages: their channel and their event."""
        heard = []
        while len(heard) < count:
            message = self.pubsub.get_message(timeout=10)
            assert message is not None, f"nothing came after {heard}"
            heard.append((message["channel"], json.loads(message["data"])))
        return heard

    @property
    def hears_nothing(self):
        return self.pubsub.get_message(timeout=0.3) is None

    def cut(self):
        """The network goes away, without a word."""
        self.pubsub.connection.disconnect()
        self.client.close()


class Day:
    """Three people, and what they will refer to later."""

    def __init__(self, server):
        self.server = server
        self.ada, self.ben, self.cleo = (Person(server, name) for name in ("ada", "ben", "cleo"))

    @property
    def people(self):
        return [self.ada, self.ben, self.cleo]

    def everything(self):
        """All that the three are shown, whole."""
        shown = {}
        for person in self.people:
            for words in [
                ("HOME",), ("INBOX",), ("UNREAD",), ("CHATS",), ("PROFILE", person.name),
                ("TIMELINE", person.name, "REPLIES"), ("BOOKMARKS",), ("DRAFTS",), ("STORIES",),
                ("LIST", "SHOW"), ("HASHTAGS",), ("FOLLOWERS", person.name),
                ("FOLLOWING", person.name), ("GET", self.poll), ("THREAD", self.fair),
                ("TAG", "summerfair"), ("HISTORY", self.direct if person is not self.cleo
                                        else self.team), ("CHAT", "INFO", self.team)]:
                shown[person.name, words] = person(*words)
        return shown


def test_the_first_day_of_three_people(make_server):
    server = make_server("data", "--shards", 2).start()
    day = Day(server)
    they_sign_up(day)
    they_find_each_other(day)
    they_post(day)
    they_react(day)
    they_read(day)
    they_look_into_their_inboxes(day)
    they_need_some_distance(day)
    they_keep_things_in_order(day)
    they_write_to_each_other(day)
    they_hear_it_live(day)
    a_connection_is_cut(day)
    the_evening_is_planned(day)
    the_server_rests_and_is_checked(day)
    the_server_crashes(day)


def they_sign_up(day):
    """A username is for ever, a display name is not; what a token may do is its scope."""
    day.ada.sign_up("NAME", "Ada")
    day.ben.sign_up()
    day.cleo.sign_up("NAME", "Cleo", "EMAIL", "cleo@example.org")
    assert day.ada("WHOAMI")["username"] == "ada"
    assert Person(day.server, "ada").connect().refused("SIGNUP", "Ada", PASSWORD) == "CONFLICT"
    day.ben("PROFILE", "SET", "name", "Ben of the lamps")
    day.ben("PROFILE", "SET", "bio", "Lamps, vans, cables.")
    profile = day.cleo("PROFILE", "ben")
    assert profile["name"] == "Ben of the lamps" and profile["bio"] == "Lamps, vans, cables."
    assert profile["followers"] == profile["posts"] == 0


def they_find_each_other(day):
    """Whoever is private is asked first. Until then nobody is told more than a profile."""
    ada, ben, cleo = day.people
    ben("PROFILE", "SET", "private", "on")
    assert cleo("FOLLOW", "ada") == "following"
    assert ada("FOLLOW", "ben") == "requested"
    assert ben.items("REQUESTS") == ["ada"]
    assert ben.items("INBOX")[0]["kind"] == "request"
    assert ben("ACCEPT", "ada") == "OK"
    assert ben("FOLLOW", "ada") == "following"
    assert ada("FOLLOW", "cleo") == "following"
    assert ada("RELATION", "ben") == {
        "following": 1, "followed_by": 1, "requested": 0, "blocking": 0, "blocked_by": 0,
        "muting": 0}
    assert ada.items("FOLLOWERS", "ada") == ["ben", "cleo"], "the newest first"


def they_post(day):
    """Hashtags and mentions are found in the text, a quote holds another post, a poll has options.
    With a KEY, what was sent twice is there once."""
    ada, ben, cleo = day.people
    picture = ada("MEDIA", "ADD", "image", "https://example.org/lamps.jpg", "ALT", "A row of lamps")
    fair = ("POST", "The #summerfair opens at noon, @ben", "MEDIA", picture, "KEY", "fair-1")
    day.fair = ada(*fair)
    assert ada(*fair) == day.fair
    day.quote = cleo("POST", "Everybody come!", "QUOTE", day.fair)
    day.poll = cleo("POST", "Tea or coffee?", "POLL", 2, "Tea", "Coffee", "CLOSES", 3600)
    day.secret = ben("POST", "Two vans, no driver #summerfair")
    day.answer = ben("REPLY", day.fair, "The lamps are in the van")
    day.story = ada("POST", "Look at this sunrise", "STORY")
    day.typo = ada("POST", "Bring a jakcet")
    assert ada("EDIT", day.typo, "Bring a jacket") == "OK"
    assert [edit["text"] for edit in cleo.items("EDITS", day.typo)] == [
        "Bring a jacket", "Bring a jakcet"]

    post = cleo("GET", day.fair)
    assert post["author"] == "ada" and post["kind"] == "image"
    assert post["tags"] == ["summerfair"] and post["mentions"] == ["ben"]
    assert (post["media"][0]["alt"], post["quotes"]) == ("A row of lamps", 1)
    # Ben is private, and cleo does not follow him: his post is as if it did not exist.
    assert cleo.refused("GET", day.secret) == "NOTFOUND"
    assert cleo.texts("TAG", "summerfair") == ["The #summerfair opens at noon, @ben"]


def they_react(day):
    """Likes, shares and reactions answer the new count; voting is once and for all."""
    ada, ben, cleo = day.people
    assert cleo("LIKE", day.fair) == 1 and ben("LIKE", day.fair) == 2
    assert ben("LIKE", day.fair) == 2, "once is enough"
    assert cleo("REACT", day.fair, "🎉") == 1
    assert ben("SHARE", day.quote) == 1
    assert ada("VOTE", day.poll, 1) == "OK" and ben("VOTE", day.poll, 0) == "OK"
    assert ada.refused("VOTE", day.poll, 0) == "CONFLICT"
    poll = ada("GET", day.poll)["poll"]
    assert [option["votes"] for option in poll["options"]] == [1, 1] and poll["voted"] == [1]
    assert cleo("VIEW", day.fair, day.answer) == 1, "what one may not see is passed over"
    assert cleo("GET", day.fair)["reactions"] == {"🎉": 1}


def they_read(day):
    """Home is what those I follow posted and shared, the newest first. A reply comes home only
    where both sides are followed; a story is not in it."""
    ada, ben, cleo = day.people
    assert ada.texts("HOME") == [
        "Bring a jacket", "The lamps are in the van", "Two vans, no driver #summerfair",
        "Tea or coffee?", "Everybody come!", "The #summerfair opens at noon, @ben"]
    shown = [(item["text"], item.get("shared_by")) for item in ben.items("HOME")]
    assert ("Everybody come!", None) not in shown, "he does not follow cleo"
    assert cleo.texts("HOME") == [
        "Bring a jacket", "Tea or coffee?", "Everybody come!",
        "The #summerfair opens at noon, @ben"]
    thread = ada.items("THREAD", day.fair)
    assert [(item["text"], item["depth"]) for item in thread] == [
        ("The #summerfair opens at noon, @ben", 0), ("The lamps are in the van", 1)]
    stories = cleo.items("STORIES")
    assert [(one["author"], len(one["stories"])) for one in stories] == [("ada", 1)]


def they_look_into_their_inboxes(day):
    """Likes of one post are one item; taken back, they are gone from it; again, they do not ring
    a second time. The number of unread items is exact."""
    ada, ben, cleo = day.people
    shown = [(item["kind"], item["actors"], item["post"]) for item in ada.items("INBOX")]
    assert shown == [
        ("reaction", ["cleo"], day.fair), ("like", ["ben", "cleo"], day.fair),
        ("reply", ["ben"], day.answer), ("quote", ["cleo"], day.quote),
        ("follow", ["ben", "cleo"], None)]
    assert ada("UNREAD") == 5
    newest = ada.items("INBOX")[0]["id"]
    assert ada("INBOX", "READ", newest) == 4
    assert cleo("UNLIKE", day.fair) == 1
    assert ada.items("INBOX")[1]["actors"] == ["ben"]
    cleo("LIKE", day.fair)
    assert ada("UNREAD") == 4, "liking again does not notify again"
    assert ada("INBOX", "READ", "ALL") == 0


def they_need_some_distance(day):
    """A mute is silent: nothing of theirs comes home or rings. A block hides both from each other,
    and ends what they followed."""
    ada, ben, cleo = day.people
    before = cleo.texts("HOME")
    cleo("MUTE", "ada")
    ada("POST", "Can you hear me, @cleo?")
    assert cleo.texts("HOME") == ["Tea or coffee?", "Everybody come!"]
    assert "mention" not in [item["kind"] for item in cleo.items("INBOX")]
    cleo("UNMUTE", "ada")
    assert cleo.texts("HOME") == ["Can you hear me, @cleo?"] + before

    ben("BLOCK", "cleo")
    assert cleo.refused("PROFILE", "ben") == "NOTFOUND"
    assert cleo.refused("FOLLOW", "ben") == "NOTFOUND"
    ben("UNBLOCK", "cleo")
    assert cleo("FOLLOW", "ben") == "requested"
    ben("ACCEPT", "cleo")
    assert cleo("GET", day.secret)["text"] == "Two vans, no driver #summerfair"


def they_keep_things_in_order(day):
    """Bookmarks are private; a list is a home of its own; a followed hashtag comes home."""
    ada, ben, cleo = day.people
    assert ada("BOOKMARK", day.poll) == "OK"
    assert ada.texts("BOOKMARKS") == ["Tea or coffee?"]
    assert ada("PIN", day.fair) == "OK"
    assert cleo("PROFILE", "ada")["pinned"] == [day.fair]
    day.list = ada("LIST", "NEW", "Drivers")
    assert ada("LIST", "ADD", day.list, "ben") == "OK"
    assert ada("LIST", "SHOW", day.list)["members"] == ["ben"]
    assert "Two vans, no driver #summerfair" in ada.texts("TIMELINE", "LIST", day.list)
    assert "Tea or coffee?" not in ada.texts("TIMELINE", "LIST", day.list)
    assert ben("HASHTAG", "FOLLOW", "coffee") == "OK"
    cleo("POST", "The machine is back #coffee")
    assert ben.texts("HOME")[0] == "The machine is back #coffee"


def they_write_to_each_other(day):
    """Two people share one direct chat for ever; a group has admins. Who comes later reads from
    then on."""
    ada, ben, cleo = day.people
    first = ada("DM", "ben", "Do you have the van?")
    day.direct = ada("CHAT", "NEW", "ben")
    assert ben("CHAT", "NEW", "ada") == day.direct
    assert ben.items("CHATS")[0]["unread"] == 1
    assert ben("READ", day.direct, first) == "OK"
    assert ben.items("CHATS")[0]["unread"] == 0
    ben("SAY", day.direct, "Yes, but no driver", "REPLY", first)
    assert ada.texts("HISTORY", day.direct) == ["Yes, but no driver", "Do you have the van?"]

    day.team = ada("CHAT", "NEW", "ben", "TITLE", "Fair team")
    ada("SAY", day.team, "Before cleo came")
    assert ben.refused("CHAT", "ADD", day.team, "cleo") == "DENIED", "he is no admin"
    assert ada("CHAT", "ADD", day.team, "cleo") == "OK"
    assert cleo.items("INBOX")[0]["kind"] == "invite"
    assert ada("CHAT", "ROLE", day.team, "cleo", "admin") == "OK"
    assert cleo("CHAT", "TITLE", day.team, "Fair team, with cleo") == "OK"
    cleo("SAY", day.team, "I can drive")
    assert cleo.texts("HISTORY", day.team) == ["I can drive"]
    assert ada.texts("HISTORY", day.team) == ["I can drive", "Before cleo came"]
    info = ben("CHAT", "INFO", day.team)
    assert info["title"] == "Fair team, with cleo"
    assert [(member["username"], member["role"]) for member in info["members"]] == [
        ("ada", "admin"), ("ben", "member"), ("cleo", "admin")]


def they_hear_it_live(day):
    """One connection hears everything that concerns ada, each channel in the order in which it
    happened; `at` is an event's position in the journal."""
    ada, ben, cleo = day.people
    ears = ada.listen("home", "inbox", "chats")
    post = cleo("POST", "Doors are open, @ada")
    # A post that mentions her is one event, told on two channels.
    (home, shown), (inbox, notified) = sorted(ears.hear(2), key=lambda heard: heard[0])
    assert (home, shown["event"], shown["post"]["id"]) == ("home", "post", post)
    assert (inbox, notified["event"], notified["unread"]) == ("inbox", "notification", 1)
    assert (notified["item"]["kind"], notified["item"]["actors"]) == ("mention", ["cleo"])
    assert shown["at"] == notified["at"]

    ben("LIKE", day.typo)
    (channel, liked), = ears.hear(1)
    assert (channel, liked["event"], liked["unread"]) == ("inbox", "notification", 2)
    assert (liked["item"]["kind"], liked["item"]["post"]) == ("like", day.typo)

    ben("TYPING", day.team)
    (channel, typing), = ears.hear(1)
    assert (channel, typing["event"], typing["username"]) == ("chats", "typing", "ben")

    said = ben("SAY", day.team, "On my way")
    cleo("READ", day.team, said)
    (_, message), (_, read) = heard = ears.hear(2)
    assert [(channel, event["event"]) for channel, event in heard] == [
        ("chats", "message"), ("chats", "read")]
    assert (message["message"]["author"], message["message"]["text"]) == ("ben", "On my way")
    assert (read["by"], read["read"]) == ("cleo", said)

    cleo("DELETE", post)
    (channel, deleted), = ears.hear(1)
    assert (channel, deleted["event"], deleted["id"]) == ("home", "delete", post)
    positions = [event["at"] for event in (shown, liked, message, read, deleted)]
    assert positions == sorted(set(positions)), "every event has its own, and they come in order"
    assert ears.hears_nothing
    ears.cut()


def a_connection_is_cut(day):
    """Whoever remembers the position of what they heard last on a channel hears the rest, without a
    gap and without a repetition, and then what happens next."""
    ada, ben, cleo = day.people
    ears = ben.listen("home", "chats")
    ada("POST", "Heard")
    (_, event), = ears.hear(1)
    ears.cut()
    ada("POST", "Missed")
    ada("SAY", day.team, "Missed, too")
    ada("POST", "Missed as well")
    ears = ben.listen(f"home@{event['at']}", f"chats@{event['at']}")
    ada("POST", "Heard again")
    heard = ears.hear(4)
    assert [event["post"]["text"] for channel, event in heard if channel == "home"] == [
        "Missed", "Missed as well", "Heard again"]
    assert [event["message"]["text"] for channel, event in heard if channel == "chats"] == [
        "Missed, too"]
    assert ears.hears_nothing
    ears.cut()


def the_evening_is_planned(day):
    """A scheduled post is its author's alone until its time has come; then it publishes itself."""
    ada, ben, cleo = day.people
    ears = cleo.listen("home")
    soon = round(time.time() * 1000) + 3000
    post = ada("POST", "The lamps go on", "AT", soon)
    assert ada("GET", post)["status"] == "scheduled" and cleo.refused("GET", post) == "NOTFOUND"
    assert [item["id"] for item in ada.items("DRAFTS")] == [post]
    (channel, event), = ears.hear(1)
    assert (channel, event["event"], event["post"]["id"]) == ("home", "post", post)
    assert event["post"]["created_at"] >= soon
    assert ada.items("DRAFTS") == []
    ears.cut()


def the_server_rests_and_is_checked(day):
    """SHUTDOWN makes everything durable and writes a snapshot; `verify` folds the whole journal
    again and compares. Nothing that anybody is shown has changed."""
    before = day.everything()
    admin = redis.Redis(
        port=day.server.port, protocol=3, password=day.server.admin_token(), decode_responses=True)
    assert admin.execute_command("SHUTDOWN") in ("OK", True)
    assert day.server.wait() == 0, day.server.output
    verified = run("verify", "--data", day.server.data)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    day.server.start()
    for person in day.people:
        person.connect()
    assert day.everything() == before


def the_server_crashes(day):
    """kill -9, while a post waits for its time, which passes while nobody serves. It is published
    at the next start; everything else is as it was."""
    before = day.everything()
    soon = round(time.time() * 1000) + 2000
    post = day.ada("POST", "Good night", "AT", soon, "KEY", "night-1")
    day.server.kill()
    assert wait_until(lambda: time.time() * 1000 > soon + 100)
    day.server.start()
    for person in day.people:
        person.connect()
    assert wait_until(lambda: day.ada("GET", post)["status"] == "published")
    assert day.ada("POST", "Good night", "AT", soon, "KEY", "night-1") == post
    shown = day.cleo("HOME")["items"][0]
    assert (shown["id"], shown["author"], shown["text"]) == (post, "ada", "Good night")
    assert day.ada("DELETE", post) == "OK"
    assert day.everything() == before
    assert day.server.terminate() == 0, day.server.output
    verified = run("verify", "--data", day.server.data)
    assert verified.returncode == 0, verified.stdout + verified.stderr
