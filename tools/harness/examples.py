"""The examples of docs/examples: how they are written, and what they expect.

A file holds the examples of one group of commands. An example begins with `== COMMAND` and has, in
this order, sentences for the reader, `people` who are signed up before it begins, `alone` if it
needs a server of its own, and steps:

    ada: POST "Hello"               done before and not shown; an error ends everything
    $post = ada: POST "Hello"       the same; $post is what was answered
    ben> LIKE $post                 shown, and answered with the JSON below it
    1
    ada< inbox                      the next message of that channel, which is the JSON below
    {"event": "notification", …}

Who is neither one of the `people` nor `admin` has a connection that is not logged in. Everybody's
password is "correct horse battery". In JSON, `…` stands for any value, or in a string for any
part of it; at the end of an array or an object for all that follows; and `$name` for what the
name is bound to, or for a value that binds it. `$now+60000` in a command is a minute from now.
"""

import json
import os
import re
from dataclasses import dataclass, field

from .server import ROOT

FOLDER = os.path.join(ROOT, "docs", "examples")
PASSWORD = "correct horse battery"

STEP = re.compile(r"(?:\$(\w+) = )?([a-z_]+)([:>]) (.+)")
PUSH = re.compile(r"([a-z_]+)(<) (\S+)")
VARIABLE = re.compile(r"\$(?!now\b)([a-z_]+)")


class Wrong(Exception):
    """An example that does not say what it means, or that the server does not keep to."""


class Anything:
    """`…`"""

    def __repr__(self):
        return "…"


class Rest:
    """`…` at the end of an array or an object: all that follows. It is its own key in an object."""

    def __repr__(self):
        return "…"


@dataclass(frozen=True)
class Bound:
    """`$name` that stands alone."""

    name: str

    def __repr__(self):
        return f"${self.name}"


ANYTHING, REST = Anything(), Rest()


@dataclass
class Step:
    """One line of an example, and the reply that it expects."""

    line: str
    speaker: str
    mark: str
    words: str
    binds: str | None = None
    reply_text: str = ""

    @property
    def is_shown(self):
        return self.mark != ":"

    @property
    def reply(self):
        try:
            return expectation(self.reply_text)
        except json.JSONDecodeError as error:
            raise Wrong(f"{self.line}: the reply is no JSON: {error}") from None


@dataclass
class Example:
    """A few steps that show one command."""

    command: str
    file: str
    prose: list = field(default_factory=list)
    people: list = field(default_factory=list)
    is_alone: bool = False
    steps: list = field(default_factory=list)

    @property
    def tags(self):
        """The hashtags that the steps name."""
        return sorted(set(re.findall(r"#(\w+)", " ".join(step.words for step in self.steps))))

    @property
    def shows_its_command(self):
        """Whether one of the steps is the command, and is expected to succeed."""
        words = self.command.split(" ")
        return any(
            words in (split(step.words)[:len(words)], split(step.words)[2:len(words) + 2])
            and not step.reply_text.startswith('{"error"')
            for step in self.steps if step.mark == ">")


def split(line):
    """The words of a line in capitals, as far as they name a command."""
    return [word.upper() for word in line.split(" ")[:5]]


def read_all():
    """All examples, by file and in order."""
    examples = []
    for name in sorted(os.listdir(FOLDER)):
        with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
            examples += parse(name, file.read())
    return examples


def parse(name, text):
    examples = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if line.startswith("== "):
                examples.append(Example(line[3:].strip(), name))
            elif not examples:
                if line.strip():
                    raise Wrong("the first line names a command: == COMMAND")
            else:
                read_line(line, examples[-1])
        except Wrong as wrong:
            raise Wrong(f"{name}:{number}: {wrong}") from None
    return examples


def read_line(line, example):
    found = STEP.fullmatch(line) or PUSH.fullmatch(line)
    if found and len(found.groups()) == 4:
        binds, speaker, mark, words = found.groups()
        if binds and mark == ">":
            raise Wrong("a reply that is shown binds names in its JSON")
        example.steps.append(Step(line, speaker, mark, words, binds))
    elif found:
        example.steps.append(Step(line, found[1], found[2], found[3]))
    elif line == "alone":
        example.is_alone = True
    elif line.startswith("people "):
        example.people += line.split(" ")[1:]
    elif example.steps and line:
        if not example.steps[-1].is_shown:
            raise Wrong("a step with : is not shown, and expects no reply")
        example.steps[-1].reply_text += line + "\n"
    elif line:
        example.prose.append(line)


def expectation(text):
    """JSON in which `…` and `$name` may stand for values."""
    def marked(match):
        if match[1]:
            return match[1] + '"…": "…"'
        return match[0] if match[0][0] == '"' else json.dumps({"…": f"={match[0]}"})

    tokens = r'([{,]\s*)…(?=\s*})|"(?:[^"\\]|\\.)*"|…|\$[a-z_]+'
    return resolved(json.loads(re.sub(tokens, marked, text)))


def resolved(value, is_last=False):
    if isinstance(value, list):
        return [
            resolved(item, number == len(value)) for number, item in enumerate(value, 1)]
    if isinstance(value, dict):
        mark = value.pop("…", None)
        if mark == "=…":
            return REST if is_last else ANYTHING
        if mark and mark[0] == "=":
            return Bound(mark[2:])
        members = {key: resolved(item) for key, item in value.items()}
        return members | {REST: REST} if mark else members
    if isinstance(value, str) and re.fullmatch(VARIABLE, value):
        return Bound(value[1:])
    return value
