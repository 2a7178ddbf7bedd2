"""docs/commands.md: made from the command table and from examples that are run."""

import argparse
import difflib
import json
import os
import sys

from . import examples as files
from .matching import one_line, written
from .playing import play_all
from .replies import Push, shown
from .server import ROOT, run

PAGE = os.path.join(ROOT, "docs", "commands.md")
WIDTH_MAX = 96

HEAD = """\
# Commands

Made by `tools/commands` from the command table and from the examples in
[docs/examples](examples), which it runs on a real server; a test compares this page with what it
would make. Change the table or an example ([how they are
written](../tools/harness/examples.py)), then run it.

Every example is shown twice: as plain lines, each answered with one line of JSON, which is broken
here to be read; and, folded away, as `redis-cli -3` shows it. In RESP2 a map is a flat array of
names and values. The same examples are run in RESP2 too. Who speaks stands before `>`; what
follows `<` comes to them unasked, on a channel that they subscribed to. Everybody's password is
`correct horse battery`. Ids, times, tokens and cursors differ from run to run and are replaced by
short ones; `…` stands for what else may differ.

Any command may also fail with `INVALID` (an argument that does not fit) and `ERR` (a wrong number
of them). `KEY <idempotency-key>` makes a repetition harmless: with the same key and arguments, the
first reply comes back and nothing happens; with other arguments, the answer is `CONFLICT`.
"""


def main():
    parser = argparse.ArgumentParser(prog="tools/commands", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare")
    parser.add_argument("--fill", action="store_true", help="write missing replies")
    options = parser.parse_args()
    table = json.loads(run("commands", "--json").stdout)
    try:
        examples = files.read_all()
    except files.Wrong as wrong:
        return complain([str(wrong)])
    if options.fill:
        return fill(examples)
    problems = coverage_problems(table, examples)
    plays, failures = play_all(examples)
    problems += failures
    if problems:
        return complain(problems)
    page = page_of(table, plays)
    if options.check:
        return compare(page)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page)
    print(f"{len(examples)} examples of {len(table)} commands, in {len(plays)} dialects")
    return 0


def complain(problems):
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1


def compare(page):
    old = ""
    if os.path.exists(PAGE):
        with open(PAGE, encoding="utf-8") as file:
            old = file.read()
    if page == old:
        return 0
    lines = difflib.unified_diff(
        old.splitlines(), page.splitlines(), "docs/commands.md", "what it should be", lineterm="")
    print("\n".join(list(lines)[:60]))
    return complain(["docs/commands.md is not what tools/commands makes; run it"])


def coverage_problems(table, examples):
    """Each command has an example in which it succeeds, in the file of its group, and each example
    has its command."""
    groups = {command["name"]: command["group"] for command in table}
    problems = []
    for example in examples:
        group = groups.get(example.command)
        if group is None:
            problems.append(f"{example.file}: there is no command {example.command}")
        elif example.file != f"{group}.txt":
            problems.append(f"{example.file}: {example.command} belongs into {group}.txt")
    shown_names = {example.command for example in examples if example.shows_its_command}
    problems += [
        f"{group}.txt: {name} has no example in which it succeeds"
        for name, group in groups.items() if name not in shown_names]
    return problems


def fill(examples):
    """Below each step without a reply, what the server answers."""
    plays, problems = play_all(examples, ["lines"], is_filling=True)
    for name in {example.file for example in examples}:
        path = os.path.join(files.FOLDER, name)
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        steps = [
            step for example in examples if example.file == name for step in example.steps]
        out = []
        for line in lines:
            out.append(line)
            if steps and line == steps[0].line:
                step = steps.pop(0)
                if hasattr(step, "filled"):
                    out += written(step.filled).split("\n")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(out))
    return complain(problems) if problems else 0


def page_of(table, plays):
    names = list(dict.fromkeys(command["group"] for command in table))
    parts = [HEAD, "| about | commands |\n|---|---|"]
    for name in names:
        links = (
            f"[{command['name']}](#{command['name'].lower().replace(' ', '-')})"
            for command in table if command["group"] == name)
        parts[-1] += f"\n| {name} | {' · '.join(links)} |"
    for name in names:
        parts.append(f"\n## {name.capitalize()} commands")
        for command in table:
            if command["group"] == name:
                parts += section(command, plays)
    return "\n".join(parts) + "\n"


def section(command, plays):
    yield f"\n### {command['name']}\n"
    yield "\n".join(f"    {line}" for line in syntax(command))
    yield "\n" + command["summary"].replace("<", "\\<") + "\n"
    facts = [f"since {command['since']}", f"for {command['access']}"]
    if "LIMIT" in command["errors"]:
        facts.append(f"[counts as](limits.md) {command['rate_class']}")
        if other := command["other_rate_class"]:
            facts[-1] += f", with `{other['option']}` as {other['rate_class']}"
    if command["takes_key"]:
        facts.append("takes `KEY`")
    if command["errors"]:
        facts.append("fails with " + " ".join(f"`{code}`" for code in command["errors"]))
    yield f"{' · '.join(facts)}"
    for lines, resp3 in zip(plays["lines"], plays["resp3"]):
        if lines.example.command == command["name"]:
            yield ""
            if lines.example.prose:
                yield "\n".join(lines.example.prose) + "\n"
            yield "```\n" + "\n".join(as_lines(step) for step in lines.shown()) + "\n```\n"
            yield "<details><summary>In RESP3</summary>\n"
            yield "```\n" + "\n".join(as_resp(step) for step in resp3.shown()) + "\n```\n"
            yield "</details>"


def syntax(command):
    """The command's name and arguments, broken between arguments."""
    lines = [command["name"]]
    for argument in command["arguments"]:
        if len(lines[-1]) + 1 + len(argument["syntax"]) > WIDTH_MAX:
            lines.append(" " * 4)
        lines[-1] += f" {argument['syntax']}"
    return lines


def as_lines(step):
    if step.channel is None:
        return f"{step.speaker}> {step.words}\n{written(step.reply)}"
    message = {"message": {"channel": step.channel, "event": step.reply}}
    return f"{step.speaker}<\n{written(message)}"


def as_resp(step):
    if step.channel is None:
        # INFO's lines end as in Redis.
        return f"{step.speaker}> {step.words}\n{shown(step.reply)}".replace("\r\n", "\n")
    payload = one_line(step.reply)
    return f"{step.speaker}<\n{shown(Push(['message', step.channel, payload]))}"


if __name__ == "__main__":
    sys.exit(main())
