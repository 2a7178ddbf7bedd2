"""A mixed load on a server that is recorded: who sent what, on which connection, in which order; so
that the log of the shim says when each was acknowledged."""

import random
import threading

from harness.clients import Lines
from harness.recording import ACCEPTED, SENT

PASSWORD = "correct horse battery"
PIPELINE_MAX = 6


class Author:
    """One person with a connection. `expected` is, for each reply in order, the type of the event
    that its command led to; None where there is none."""

    def __init__(self, server, name):
        self.name = name
        self.lines = Lines(server.port, timeout_s=60)
        self.port = self.lines.socket.getsockname()[1]
        self.expected = []
        self.liked, self.followed, self.posts = set(), set(), []
        self.ask("user.signed_up", "SIGNUP", name, PASSWORD)
        self.id = self.ask(None, "WHOAMI")["id"]

    def ask(self, event, *words):
        self.expected.append(event)
        return self.lines.ask(*words)

    def next_command(self, chance, others, chat, number):
        """By chance; each leads to one event. Texts are short, long, and very long."""
        text = f"{self.name} {number} #t{chance.randrange(4)} " + "word " * chance.choice(
            [0, 3, 40, 40, 400, 900])
        roll = chance.random()
        if roll < 0.4 or not self.posts:
            return ("post.published", "POST", text.strip(), "KEY", f"{self.name}-{number}")
        if roll < 0.5:
            return ("post.edited", "EDIT", chance.choice(self.posts), text.strip())
        if roll < 0.7:
            return ("chat.said", "SAY", chat, text.strip())
        if roll < 0.85:
            post = chance.choice(self.posts)
            is_on = post in self.liked
            self.liked ^= {post}
            return ("post.unliked", "UNLIKE", post) if is_on else ("post.liked", "LIKE", post)
        name = chance.choice(others)
        is_on = name in self.followed
        self.followed ^= {name}
        return ("user.unfollowed", "UNFOLLOW", name) if is_on else (
            "user.followed", "FOLLOW", name)

    def write(self, count, chance, others, chat):
        done = 0
        while done < count:
            batch = [
                self.next_command(chance, others, chat, len(self.expected) + n)
                for n in range(chance.randint(1, PIPELINE_MAX))]
            self.lines.send_raw(b"".join(self.lines.encoded(*words) for _, *words in batch))
            for event, *_ in batch:
                self.expected.append(event)
                value = self.lines.read()
                if event == "post.published":
                    self.posts = self.posts[-9:] + [value]
            done += len(batch)


def live(server, phase, writes, seed):
    """A phase of a recording: authors write at once, while an operator has snapshots and
    projections made anew, and somebody is erased. Returns the authors."""
    chance = random.Random(f"{seed} {phase}")
    operator = Lines(server.port, timeout_s=60)
    operator.ask("AUTH", server.admin_token())
    authors = [Author(server, f"author_{phase}_{n}") for n in range(4)]
    leaver = Author(server, f"leaver_{phase}")
    names = [author.name for author in authors]
    chat = authors[0].ask("chat.opened", "CHAT", "NEW", *names[1:], leaver.name, "TITLE", "Town")
    leaver.write(5, chance, names, chat)

    def work(author, own):
        others = [name for name in names if name != author.name]
        author.write(writes // len(authors), own, others, chat)

    threads = [
        threading.Thread(target=work, args=(author, random.Random(chance.getrandbits(64))))
        for author in authors]
    for thread in threads:
        thread.start()
    operator.ask("SNAPSHOT")
    operator.ask("PROJECTION", "REBUILD", "home", "WAIT")
    leaver.ask("user.erased", "ERASE", PASSWORD)
    operator.ask("PROJECTION", "REVERT", "home")
    operator.ask("PROJECTION", "REBUILD", "inbox", "WAIT")
    for thread in threads:
        thread.join()
    operator.close()
    return authors + [leaver]


def acknowledgements(log, authors):
    """In the order of the log: at which record of it which command of whom was answered, as index,
    person and type of event."""
    by_port = {author.port: author for author in authors}
    open_now, found = {}, []
    for index, record in enumerate(log):
        if record.kind == ACCEPTED:
            open_now[record.descriptor] = [by_port.get(record.offset), 0]
        elif record.kind == SENT and open_now.get(record.descriptor, [None])[0]:
            author, answered = open_now[record.descriptor]
            now = answered + record.data.count(b"\n")
            for event in author.expected[answered:now]:
                if event:
                    found.append((index, f"user:{author.id}", event))
            open_now[record.descriptor][1] = now
    return found
