"""tools/hostile: the table of what hostile clients cost others."""

import argparse
import sys
import tempfile

from .certificates import Authority
from .hostile import KINDS, measure
from .server import Server


def main():
    parser = argparse.ArgumentParser(prog="tools/hostile")
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--limits", default="off")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        for name, kind in KINDS.items():
            print(f"{name:24}{kind.__doc__.splitlines()[0]}")
        return 0
    for kind in options.kinds:
        if kind not in KINDS:
            parser.error(f"there is no kind {kind}; --list shows them")
    lost = []
    print("| clients | a second | reads p50 ms | p99 ms | times | writes p50 ms | p99 ms | times "
          "| RSS MiB | lost |\n|---|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="roost-hostile-") as folder:
        certificate, key = Authority(folder).make("server", key="rsa")
        flags = ["--shards", options.shards, "--limits", options.limits, "--tls-port", 0,
                 "--tls-cert", certificate, "--tls-key", key]
        for kind in options.kinds or KINDS:
            with Server(f"{folder}/{kind}", *flags) as server:
                measured = measure(server, kind, options.rounds, options.seconds)
                lost += measured.lost
                print(row(measured), flush=True)
                server.terminate()
    return 1 if lost else 0


def row(measured):
    cells = [measured.kind, f"{measured.done:.0f}"]
    for what in ("read", "write"):
        for share in (0.5, 0.99):
            quiet, hostile = measured.figures[what, share]
            cells.append(f"{quiet:.2f} → {hostile:.2f}")
        cells.append(f"{measured.ratio(what):.1f}")
    cells += [f"{measured.rss_mib:.0f}", str(len(measured.lost))]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
