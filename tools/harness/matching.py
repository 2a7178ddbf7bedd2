"""Whether a reply is what an example expects, and how the page shows it."""

import json
import re

from .examples import ANYTHING, REST, VARIABLE, Bound, Wrong
from .replies import Failure, Push, Simple, Verbatim

# Not a part of a token or a cursor, which may hold as many digits.
ID = re.compile(r"(?<![\w-])\d{15,20}(?![\w-])")
TIMES = range(1_600_000_000_000, 10_000_000_000_000)
# What the page shows for now: a round number of milliseconds.
NOW_SHOWN = 1_790_000_000_000
FIRST_ID_SHOWN = 1001
FIRST_NUMBER_SHOWN = 101
MINUTE_MS = 60_000


class Names:
    """What the names of one run of an example are bound to, and its values' stand-ins."""

    def __init__(self, now_ms):
        self.now_ms = now_ms
        self.bound = {}
        self.ids = []

    def noted(self, value):
        """Remembers the ids in a reply: their order of appearance decides their stand-ins."""
        if isinstance(value, str):
            self.ids += [id for id in ID.findall(value) if id not in self.ids]
        elif isinstance(value, dict):
            for item in value.values():
                self.noted(item)
        elif isinstance(value, list):
            for item in value:
                self.noted(item)

    def filled(self, words):
        """A command's words with the values of its names."""
        words = re.sub(r"\$now([+-]\d+)?", lambda m: str(self.now_ms + int(m[1] or 0)), words)
        return VARIABLE.sub(lambda m: str(self.value(m[1])), words)

    def shown_words(self, words):
        """The same as the page shows it."""
        words = re.sub(r"\$now([+-]\d+)?", lambda m: str(NOW_SHOWN + int(m[1] or 0)), words)
        return VARIABLE.sub(lambda m: str(self.stand_in(self.value(m[1]), m[1])), words)

    def value(self, name):
        if name not in self.bound:
            raise Wrong(f"nothing is bound to ${name} yet")
        return self.bound[name]

    def stand_in(self, value, name=None):
        """What the page shows for a value that differs from run to run; None: it has no shape."""
        if isinstance(value, str):
            if ID.fullmatch(value) and value in self.ids:
                return str(FIRST_ID_SHOWN + self.ids.index(value))
            if name and value.isdigit():
                return str(self.number_of(name))
            return f"<{name}>" if name else None
        if isinstance(value, int) and value in TIMES:
            return NOW_SHOWN + round((value - self.now_ms) / MINUTE_MS) * MINUTE_MS
        if name == "protocol":
            return value
        return self.number_of(name) if name else None

    def number_of(self, name):
        return FIRST_NUMBER_SHOWN + list(self.bound).index(name)


def check(expected, actual, names, where="reply"):
    """Raises Wrong where they differ; binds names that are not bound yet."""
    if expected is ANYTHING or expected is REST:
        return
    if isinstance(expected, Bound):
        if names.bound.setdefault(expected.name, actual) != actual:
            raise Wrong(f"{where}: ${expected.name} is {names.bound[expected.name]}, not {actual}")
    elif isinstance(expected, dict) and set(expected) == {"error"}:
        if not isinstance(actual, Failure):
            raise Wrong(f"{where}: an error was expected, not {short(actual)}")
        error = expected["error"]
        check(f"{error['code']} {error['message']}", str(actual), names, where)
    elif isinstance(expected, dict):
        check_map(expected, as_map(actual, where), names, where)
    elif isinstance(expected, list):
        check_list(expected, actual, names, where)
    elif isinstance(expected, str) and isinstance(actual, str) and not isinstance(actual, Failure):
        check_text(expected, actual, names, where)
    elif isinstance(expected, float) and isinstance(actual, (str, int, float)):
        # RESP2 sends numbers that are not whole as strings.
        check_same(expected, float(actual), where)
    elif type(expected) is not type(actual):
        raise Wrong(f"{where}: {short(expected)} was expected, not {short(actual)}")
    else:
        check_same(expected, actual, where)


def check_same(expected, actual, where):
    if expected != actual:
        raise Wrong(f"{where}: {short(expected)} was expected, not {short(actual)}")


def check_map(expected, actual, names, where):
    wanted = [key for key in expected if key is not REST]
    found = list(actual) if REST not in expected else [key for key in actual if key in wanted]
    if wanted != found:
        raise Wrong(f"{where}: the members {wanted} were expected, not {list(actual)}")
    for key in wanted:
        check(expected[key], actual[key], names, f"{where}.{key}")


def check_list(expected, actual, names, where):
    if not isinstance(actual, list):
        raise Wrong(f"{where}: an array was expected, not {short(actual)}")
    is_open = expected[-1:] == [REST]
    items = expected[:-1] if is_open else expected
    if len(actual) < len(items) or (len(actual) > len(items) and not is_open):
        raise Wrong(f"{where}: {len(items)} items were expected, not {short(actual)}")
    for number, (item, value) in enumerate(zip(items, actual)):
        check(item, value, names, f"{where}[{number}]")


def check_text(expected, actual, names, where):
    pattern, new = "", []
    for part in re.split(r"(…|\$[a-z_]+)", expected):
        if part == "…":
            pattern += ".*?"
        elif not part.startswith("$"):
            pattern += re.escape(part)
        elif part[1:] in names.bound or part[1:] in new:
            pattern += re.escape(str(names.value(part[1:])))
        else:
            new.append(part[1:])
            pattern += "(.+?)"
    found = re.fullmatch(pattern, actual, re.S)
    if not found:
        raise Wrong(f"{where}: {short(expected)} was expected, not {short(actual)}")
    names.bound.update(zip(new, found.groups()))


def as_map(actual, where):
    """A map, which RESP2 sends as a flat array."""
    if isinstance(actual, dict):
        return actual
    if isinstance(actual, list) and len(actual) % 2 == 0:
        return dict(zip(actual[::2], actual[1::2]))
    raise Wrong(f"{where}: a map was expected, not {short(actual)}")


def display(expected, actual, names):
    """The reply, of the same types, with stand-ins for what differs from run to run."""
    if expected is ANYTHING:
        stand_in = names.stand_in(actual)
        return ANYTHING if stand_in is None else stand_in
    if isinstance(expected, Bound):
        return names.stand_in(actual, expected.name)
    if isinstance(actual, Failure):
        error = expected["error"]
        return Failure(display_text(f"{error['code']} {error['message']}", str(actual), names))
    if isinstance(expected, dict):
        return {
            key: REST if key is REST else display(value, actual[key], names)
            for key, value in expected.items()}
    if isinstance(expected, list):
        items = [
            REST if item is REST else display(item, value, names)
            for item, value in zip(expected, actual)]
        if expected[-1:] == [REST] and len(items) < len(expected):
            items.append(REST)
        return Push(items) if isinstance(actual, Push) else items
    if isinstance(expected, str):
        kind = type(actual) if isinstance(actual, (Simple, Verbatim)) else str
        return kind(display_text(expected, actual, names))
    return actual


def display_text(expected, actual, names):
    if expected == "…":
        return names.stand_in(actual) or "…"
    return VARIABLE.sub(lambda m: str(names.stand_in(names.value(m[1]), m[1])), expected)


def template(actual, names):
    """What an example could expect where this was answered."""
    if isinstance(actual, Failure):
        code, _, message = actual.partition(" ")
        return {"error": {"code": code, "message": template(message, names)}}
    if isinstance(actual, dict):
        return {key: template(value, names) for key, value in actual.items()}
    if isinstance(actual, list):
        return [template(value, names) for value in actual]
    for name, value in names.bound.items():
        if name != "protocol" and value == actual and type(value) is type(actual):
            return Bound(name)
    if isinstance(actual, str):
        for name, value in names.bound.items():
            if isinstance(value, str):
                actual = actual.replace(value, f"${name}")
        return ID.sub("…", actual)
    if isinstance(actual, int) and actual in TIMES:
        return ANYTHING
    return actual


def short(value):
    text = value if isinstance(value, Failure) else written(value)
    return text if len(text) <= 300 else text[:300] + " …"


WIDTH_MAX = 96


def written(value, indent=0, lead=0):
    """JSON on one line where it fits, with `lead` characters before it; otherwise its members are
    packed into lines."""
    line = one_line(value)
    is_short = len(line) + indent + lead <= WIDTH_MAX
    if is_short or not value or not isinstance(value, (dict, list)) or list(value) == ["error"]:
        return line
    inner = indent + 2
    if isinstance(value, dict):
        ends, items = "{}", [
            member(key, written(item, inner, len(str(key)) + 4)) for key, item in value.items()]
    else:
        ends, items = "[]", [written(item, inner) for item in value]
    lines = [""]
    for number, item in enumerate(items):
        item += "," if number + 1 < len(items) else ""
        fits = len(lines[-1]) + len(item) + inner < WIDTH_MAX
        if "\n" in item or "\n" in lines[-1] or not lines[-1] or not fits:
            lines.append(item)
        else:
            lines[-1] += " " + item
    body = "".join(f"\n{' ' * inner}{text}" for text in lines if text)
    return f"{ends[0]}{body}\n{' ' * indent}{ends[1]}"


def member(key, text):
    return text if key is REST else f"{json.dumps(key, ensure_ascii=False)}: {text}"


def one_line(value):
    if isinstance(value, (Bound, type(ANYTHING), type(REST))):
        return f'"{value}"' if isinstance(value, Bound) else repr(value)
    if isinstance(value, Failure):
        code, _, message = value.partition(" ")
        return one_line({"error": {"code": code, "message": message}})
    if isinstance(value, dict):
        members = (member(key, one_line(item)) for key, item in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(one_line(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
