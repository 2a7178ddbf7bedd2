"""One person who writes without pause, remembers what was sent and what was acknowledged."""

from dataclasses import dataclass, field

PIPELINE_MAX = 12


@dataclass
class Write:
    """One command. `value` is its acknowledgement; None until there is one."""

    words: list
    # What it shows: the text of a post or message; None for likes and follows.
    text: str | None = None
    # What it switches on or off: ("like", post) or ("follow", name); None for texts.
    switch: tuple | None = None
    key: str | None = None
    value: object = None

    def sent_words(self):
        return self.words + (["KEY", self.key] if self.key else [])

    def change(self, switches):
        """Applies a like or follow, or its end, to a set of what is on."""
        if self.switch:
            is_on = self.words[0] in ("LIKE", "FOLLOW")
            (switches.add if is_on else switches.discard)(self.switch)


@dataclass
class Writer:
    number: int
    name: str
    token: str
    posts: list = field(default_factory=list)
    chats: list = field(default_factory=list)
    others: list = field(default_factory=list)
    # Known to be there since earlier rounds: texts with their ids, and switches that are on.
    settled: dict = field(default_factory=dict)
    # Ids among them that are messages of chats.
    said: set = field(default_factory=set)
    switches: set = field(default_factory=set)
    # This round's, in the order in which they were sent.
    round: int = 0
    writes: list = field(default_factory=list)

    def start_round(self, number):
        self.round = number
        self.writes = []

    @property
    def acknowledged_count(self):
        """Replies come in order: the acknowledged writes are the first ones."""
        for index, write in enumerate(self.writes):
            if write.value is None:
                return index
        return len(self.writes)

    def next_write(self, chance):
        """A command, by chance; texts are unique for ever."""
        number = len(self.writes)
        label = f"r{self.round} {self.name} n{number}"
        key = f"k{self.round}-{number}" if chance.random() < 0.4 else None
        roll = chance.random()
        if roll < 0.35:
            text = f"{label} #crash{chance.randrange(5)}"
            return Write(["POST", text], text=text, key=key)
        if roll < 0.45:
            words = ["POST", label, "REPLY", chance.choice(self.posts)]
            return Write(words, text=label, key=key)
        if roll < 0.70:
            return Write(["SAY", chance.choice(self.chats), label], text=label, key=key)
        if roll < 0.88:
            post = chance.choice(self.posts)
            return Write(
                [chance.choice(["LIKE", "UNLIKE"]), post], switch=("like", post), key=key)
        name = chance.choice(self.others)
        return Write(
            [chance.choice(["FOLLOW", "UNFOLLOW"]), name], switch=("follow", name), key=key)

    def write(self, lines, chance):
        """Pipelines of random length until the connection breaks."""
        try:
            while True:
                batch = [self.remember(self.next_write(chance))]
                for _ in range(chance.randrange(PIPELINE_MAX)):
                    batch.append(self.remember(self.next_write(chance)))
                lines.send_raw(b"".join(lines.encoded(*w.sent_words()) for w in batch))
                for write in batch:
                    write.value = lines.read()
        except (EOFError, ConnectionError, TimeoutError):
            return

    def remember(self, write):
        self.writes.append(write)
        return write

    def settle(self, shown):
        """What the round left is there from now on."""
        for write in self.writes:
            if write.text in shown.texts and write.words[0] == "SAY":
                self.said.add(shown.texts[write.text])
        mark = f"r{self.round} "
        self.settled |= {
            text: key for text, key in shown.texts.items() if text.startswith(mark)}
        self.switches = set(shown.switches)
