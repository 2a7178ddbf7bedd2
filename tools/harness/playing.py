"""Plays examples on real servers, in each dialect."""

import contextlib
import json
import re
import shutil
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .clients import Lines, Refused, Resp
from .examples import PASSWORD, Wrong
from .matching import Names, check, display, template
from .replies import Failure, Push, Simple, Typed
from .server import Server

DIALECTS = ["lines", "resp2", "resp3"]


@dataclass
class Shown:
    """A step as the page shows it: who says what, and the reply; `channel` for a message."""

    speaker: str
    words: str
    reply: object
    channel: str | None = None


class Play:
    """One run of one example in one dialect, with people of its own."""

    def __init__(self, example, server, dialect, suffix):
        self.example = example
        self.server = server
        self.dialect = dialect
        self.suffix = suffix
        self.names = Names(round(time.time() * 1000))
        self.names.bound["protocol"] = 2 if dialect == "resp2" else 3
        own = "|".join(map(re.escape, example.people + example.tags + ["newcomer"]))
        self.own = re.compile(rf"(?<![\w$])({own})(?!\w)")
        self.speakers = {}
        self.actual = {}

    def run(self, is_filling=False):
        """Raises Wrong at the first step that goes otherwise than written."""
        try:
            for name in self.example.people:
                self.ask(name, f'SIGNUP {name} "{PASSWORD}"')
            for number, step in enumerate(self.example.steps):
                try:
                    self.take(number, step, is_filling)
                except (Wrong, EOFError, OSError) as error:
                    raise Wrong(
                        f"{self.example.file}, {self.example.command}, in {self.dialect}:\n"
                        f"  {step.line}\n  {error}") from None
        finally:
            for speaker in self.speakers.values():
                speaker.close()

    def take(self, number, step, is_filling):
        if step.mark == "<":
            actual = self.speaker(step.speaker).next_message(self.renamed(step.words))
        else:
            actual = self.ask(step.speaker, step.words)
        actual = self.cleaned(actual)
        self.names.noted(actual)
        self.actual[number] = actual
        if not step.is_shown:
            if isinstance(actual, Failure):
                raise Wrong(f"it was refused: {actual}")
            if step.binds:
                self.names.bound[step.binds] = actual
        elif step.reply_text:
            check(step.reply, actual, self.names)
        elif is_filling:
            step.filled = template(actual, self.names)
        else:
            raise Wrong("the reply is missing; tools/commands --fill writes it")

    def ask(self, name, words):
        return self.speaker(name).ask(self.renamed(words))

    def renamed(self, words):
        """With names and hashtags that are this run's own, and paths beside its server's data."""
        words = words.replace("/srv/backups/", f"{self.server.data}.backup-")
        return self.names.filled(self.own.sub(lambda m: m[1] + self.suffix, words))

    def cleaned(self, value):
        """The reply with the names as the example has them."""
        if isinstance(value, str):
            return type(value)(value.replace(self.suffix, ""))
        if isinstance(value, list):
            return type(value)(self.cleaned(item) for item in value)
        if isinstance(value, dict):
            return {self.cleaned(key): self.cleaned(item) for key, item in value.items()}
        return value

    def speaker(self, name):
        if name not in self.speakers:
            self.speakers[name] = SPEAKERS[self.dialect](self.server.port)
            if name == "admin":
                self.speakers[name].ask(f"AUTH {self.server.admin_token()}")
        return self.speakers[name]

    def shown(self):
        """The steps with stand-ins for what differs from run to run."""
        for number, step in enumerate(self.example.steps):
            if step.is_shown:
                reply = display(step.reply, self.actual[number], self.names)
                words = self.names.shown_words(step.words)
                yield Shown(step.speaker, words, reply, words if step.mark == "<" else None)


class LineSpeaker:
    """Plain lines."""

    def __init__(self, port):
        self.lines = Lines(port)

    def ask(self, words):
        self.lines.send_raw(words.encode() + b"\n")
        try:
            return self.lines.read()
        except Refused as refused:
            return Failure(f"{refused.code} {refused.message}")

    def next_message(self, channel):
        message = self.lines.next_push()
        return of_channel(channel, message["channel"], message["event"])

    def close(self):
        self.lines.close()


class RespSpeaker:
    """RESP2 by redis-py, or RESP3 with its types."""

    def __init__(self, connection):
        self.connection = connection
        self.waiting = []

    def ask(self, words):
        self.connection.send(*words_of(words))
        while True:
            try:
                reply = self.connection.read()
            except Refused as refused:
                return Failure(f"{refused.code} {refused.message}")
            if not is_message(reply):
                return reply
            self.waiting.append(reply)

    def next_message(self, channel):
        message = self.waiting.pop(0) if self.waiting else self.connection.read()
        if not is_message(message):
            raise Wrong(f"a message was expected, not {message}")
        return of_channel(channel, message[1], json.loads(message[2]))

    def close(self):
        self.connection.close()


def is_message(reply):
    return isinstance(reply, list) and len(reply) == 3 and reply[0] == "message"


def of_channel(wanted, channel, event):
    if channel != wanted:
        raise Wrong(f"the message is of {channel}: {event}")
    return event


SPEAKERS = {
    "lines": LineSpeaker,
    "resp2": lambda port: RespSpeaker(Resp(port, 2)),
    "resp3": lambda port: RespSpeaker(Typed(port)),
}


def words_of(line):
    """The words of a plain line, as the server splits them."""
    words = []
    for double, single, bare in re.findall(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|(\S+)', line):
        words.append(re.sub(r"\\(.)", unescaped, double) if double else single or bare)
    return words


def unescaped(match):
    return {"n": "\n", "r": "\r", "t": "\t"}.get(match[1], match[1])


class Stage:
    """The servers that examples are played on: one for all but those that need their own."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="roost-examples-")
        self.common = self.server("common").start()
        self.stopping = threading.Event()

    def server(self, name):
        return Server(f"{self.folder}/{name}")

    def play(self, example, dialect, number, is_filling=False):
        """Returns the play; raises Wrong."""
        suffix = f"_{number}x{dialect[-1]}"
        with contextlib.ExitStack() as stack:
            server = self.common
            if example.is_alone:
                server = stack.enter_context(self.server(f"alone-{number}-{dialect}"))
            play = Play(example, server, dialect, suffix)
            play.run(is_filling)
            return play

    def close(self):
        status = self.common.terminate()
        shutil.rmtree(self.folder)
        if status != 0:
            raise Wrong(f"the server ended with status {status}:\n{self.common.output}")


def play_all(examples, dialects=DIALECTS, is_filling=False):
    """A list of plays by dialect, and what went wrong, in words."""
    stage = Stage()
    plays, problems = {}, []

    def play_in(dialect):
        plays[dialect] = []
        for number, example in enumerate(examples, 1):
            try:
                plays[dialect].append(stage.play(example, dialect, number, is_filling))
            except Wrong as wrong:
                problems.append(str(wrong))

    try:
        with ThreadPoolExecutor(len(dialects)) as threads:
            list(threads.map(play_in, dialects))
    finally:
        stage.close()
    return plays, problems
