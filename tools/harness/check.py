"""What must hold after a crash."""

from dataclasses import dataclass


class Mismatch(Exception):
    """Something acknowledged is gone, or something is there that must not be."""


@dataclass
class Shown:
    """What the server shows of one writer: texts with their ids, and switches that are on."""

    texts: dict
    switches: set


def shown_by_writer(town, opened, is_full):
    """Of this round; of all rounds if `is_full`."""
    says = {writer.name: [] for writer in town.writers}
    for chat in town.chats:
        for item in pages(opened[0], ["HISTORY", chat], town.round, is_full):
            says[item["author"]].append(item)
    shown = []
    for writer, lines in zip(town.writers, opened):
        words = ["TIMELINE", writer.name, "REPLIES"]
        items = pages(lines, words, town.round, is_full) + says[writer.name]
        shown.append(Shown(texts_of(writer, items), switches_of(writer, lines)))
    return shown


def pages(lines, words, round_number, is_full):
    """A list's items, newest first, back to the round's first."""
    items, cursor = [], None
    mark = f"r{round_number} "
    while True:
        page = lines.ask(*words, "COUNT", 200, *(["AFTER", cursor] if cursor else []))
        items += page["items"]
        is_enough = items and not items[-1]["text"].startswith(mark) and not is_full
        if page["end"] or is_enough:
            return items
        cursor = page["cursor"]


def texts_of(writer, items):
    texts, ids = {}, set()
    for item in items:
        if item["text"] in texts or item["id"] in ids:
            raise Mismatch(f"{writer.name}: '{item['text']}' ({item['id']}) is there twice")
        texts[item["text"]] = item["id"]
        ids.add(item["id"])
    return texts


def switches_of(writer, lines):
    lines.send_raw(b"".join(lines.encoded("GET", post) for post in writer.posts))
    on = {("like", post) for post in writer.posts if lines.read()["liked"]}
    following = lines.ask("FOLLOWING", writer.name, "COUNT", 200)["items"]
    return on | {("follow", name) for name in following}


def candidates(writer, shown):
    """How many of the round's writes survived: each number that explains what is shown. The
    survivors are a beginning of what was sent, and hold all that was acknowledged."""
    check_settled(writer, shown)
    acknowledged = writer.acknowledged_count
    for write in writer.writes[:acknowledged]:
        if write.text and shown.texts.get(write.text) != write.value:
            raise Mismatch(
                f"{writer.name}: '{write.text}' was acknowledged as {write.value}; the server "
                f"shows {shown.texts.get(write.text)}")
    found = []
    for count in range(acknowledged, len(writer.writes) + 1):
        expected = {write.text for write in writer.writes[:count] if write.text}
        switches = set(writer.switches)
        for write in writer.writes[:count]:
            write.change(switches)
        if expected == new_texts(writer, shown) and switches == shown.switches:
            found.append(count)
    if not found:
        raise Mismatch(
            f"{writer.name}: no beginning of the {len(writer.writes)} writes sent, of which "
            f"{acknowledged} were acknowledged, explains what is shown: "
            f"{len(new_texts(writer, shown))} new texts and {sorted(shown.switches)}")
    return found


def new_texts(writer, shown):
    mark = f"r{writer.round} "
    return {text for text in shown.texts if text.startswith(mark)}


def check_settled(writer, shown, is_full=False):
    """Nothing old has changed; nothing old is gone, where everything was read."""
    mark = f"r{writer.round} "
    old = {text: key for text, key in shown.texts.items() if not text.startswith(mark)}
    for text, key in old.items():
        if writer.settled.get(text) != key:
            raise Mismatch(f"{writer.name}: '{text}' ({key}) is new or changed since its round")
    if is_full and len(old) != len(writer.settled):
        gone = [text for text in writer.settled if text not in old]
        raise Mismatch(f"{writer.name}: {len(gone)} settled texts are gone, such as {gone[:3]}")


def retry(writer, lines):
    """Sends again what has a key: all that was not acknowledged, and the newest that was. Returns
    the indexes of the former."""
    acknowledged = writer.acknowledged_count
    retried = []
    for index, write in enumerate(writer.writes):
        if not write.key:
            continue
        if index >= acknowledged:
            write.value = lines.ask(*write.sent_words())
            retried.append(index)
        elif index >= acknowledged - 20:
            value = lines.ask(*write.sent_words())
            if value != write.value:
                raise Mismatch(
                    f"{write.sent_words()} answered {write.value!r}, repeated {value!r}")
    return retried


def check_retried(writer, shown, counts, retried):
    """After the retries: each has one effect, whether it had survived or not."""
    for count in counts:
        effective = writer.writes[:count] + [writer.writes[i] for i in retried if i >= count]
        switches = set(writer.switches)
        for write in effective:
            write.change(switches)
        texts = {write.text for write in effective if write.text}
        if texts == new_texts(writer, shown) and switches == shown.switches:
            for index in retried:
                write = writer.writes[index]
                if write.text and shown.texts[write.text] != write.value:
                    raise Mismatch(
                        f"{writer.name}: '{write.text}' was answered {write.value} and is "
                        f"{shown.texts[write.text]}")
            return count
    raise Mismatch(f"{writer.name}: the retries of {len(retried)} keyed writes left another state")


def check_totals(town, opened):
    """What is counted in one place is what is shown in others."""
    lines = opened[0]
    for writer in town.writers:
        profile = lines.ask("PROFILE", writer.name)
        said = {text for text in writer.settled if writer.settled[text] in writer.said}
        posts = len(writer.settled) - len(said)
        followers = sum(("follow", writer.name) in other.switches for other in town.writers)
        following = sum(kind == "follow" for kind, _ in writer.switches)
        counted = (profile["posts"], profile["followers"], profile["following"])
        if counted != (posts, followers, following):
            raise Mismatch(
                f"{writer.name}'s profile counts {counted} posts, followers and following, not "
                f"{(posts, followers, following)}")
    for post in town.posts:
        likes = sum(("like", post) in writer.switches for writer in town.writers)
        if lines.ask("GET", post)["likes"] != likes:
            raise Mismatch(f"post {post} does not have the {likes} likes that its likers show")
