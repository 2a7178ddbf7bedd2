"""Lets each call that changes the disk go wrong in turn, on the real binary.

A server lives through a short life in which everything that writes happens: sign-up, posts, a
snapshot, a rebuild and its way back, a backup, an erasure, the end; and through a first start. Of
the calls that it makes (creating, writing, truncating, syncing, renaming, linking, removing), the
first goes wrong, then the second, and so on to the last. Then:

- the server answers with an error, or ends with status 1 and a sentence; nothing else;
- the next start is clean, `roost verify` content, a refold the same;
- what was acknowledged is there; what is sent again with its key has one effect;
- who was erased is erased; the backup goes on and restores.
"""

import argparse
import concurrent.futures
import os
import shutil
import sys

from harness import faults
from harness.check import Mismatch
from harness.scenario import Base, Life

# Per way of going wrong: the end of a rule, and whether the process is killed.
WAYS = {
    "EIO": ("op=change do=EIO", False),
    "EIO-meta": ("op=write dsync=1 do=EIO", False),
    "full": ("op=open,write,truncate,mkdir count=0 do=ENOSPC", False),
    "quota": ("op=open,write,truncate,mkdir do=EDQUOT", False),
    "short": ("op=write do=short", False),
    "kill": ("op=change do=kill", True),
    "kill-after": ("op=change do=kill-after", True),
}


def try_call(base, directory, way, nth):
    """Whether there was such a call, what it was, how the server took it, and what is wrong."""
    root = os.path.join(directory, f"{way}-{'life' if base else 'first'}-{nth}")
    os.makedirs(root)
    fired = root + ".fired"
    rule, is_killed = WAYS[way]
    life = Life(base, root, faults.environment(root, rules=f"{rule} nth={nth}", fired=fired))
    life.run()
    calls = faults.fired(fired)
    if not calls:
        shutil.rmtree(root)
        return None, None, None
    try:
        took = how_it_ended(life, is_killed)
        life.check()
        shutil.rmtree(root)
        return calls[0], took, None
    except Exception as problem:  # Whatever it was: with the case that repeats it.
        return calls[0], None, (
            f"{way}, call {nth} ({calls[0]}): {problem!r}\n  kept: {root}\n  {life.output}")


def how_it_ended(life, is_killed):
    """A word for it; Mismatch for an end that must not be."""
    status = life.status
    if is_killed:
        if status != -9:
            raise Mismatch(f"not killed, but ended with {status}")
        return "killed"
    if life.ended_by_itself:
        if status != 1 or "roost:" not in life.output.splitlines()[-1]:
            raise Mismatch(f"ended with {status}, without a sentence:\n{life.output}")
        return "ended with a sentence"
    if status not in (0, 1):
        raise Mismatch(f"ended with {status}")
    if status == 1 and "; the process ends" in life.output.splitlines()[-1]:
        return "ended with a sentence"
    if status == 1 and "ended without a snapshot" not in life.output:
        raise Mismatch("ended with 1, without a sentence")
    for name, refusal in life.refusals.items():
        if len(refusal) < 10:
            raise Mismatch(f"{name} was refused with {refusal}")
    if life.refusals:
        return "answered with an error"
    return "ended without a snapshot" if status else "went on"


def play(base, directory, way, options):
    """All calls in turn. Returns how each was taken, and the problems."""
    results, problems = {}, []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        nth, is_over = options.first, False
        while not is_over:
            numbers = range(nth, nth + options.jobs * options.every, options.every)
            futures = [pool.submit(try_call, base, directory, way, n) for n in numbers]
            for future in futures:
                call, took, problem = future.result()
                if call is None:
                    is_over = True
                elif problem:
                    problems.append(problem)
                    print(problem, file=sys.stderr, flush=True)
                else:
                    results[took] = results.get(took, 0) + 1
            nth = numbers[-1] + options.every
    return results, problems


def main():
    parser = argparse.ArgumentParser(prog="tools/fail-calls", description=__doc__)
    parser.add_argument("--ways", default=",".join(WAYS), help="of " + ", ".join(WAYS))
    parser.add_argument("--every", type=int, default=1, help="each N-th call only")
    parser.add_argument("--first", type=int, default=1, help="from which call on")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    ways = options.ways.split(",")
    if not set(ways) <= set(WAYS) or min(options.every, options.first, options.jobs) < 1:
        parser.error("ways are " + ", ".join(WAYS) + "; numbers start at 1")
    directory = faults.directory_in_memory("roost-calls-")
    everything, wrong = 0, 0
    base = Base(directory)
    for way in ways:
        for start in (None, base):
            results, problems = play(start, directory, way, options)
            everything += sum(results.values()) + len(problems)
            wrong += len(problems)
            counts = ", ".join(f"{count} {what}" for what, count in sorted(results.items()))
            print(f"{way}, {'a life' if start else 'a first start'}: {counts}, "
                  f"{len(problems)} wrong", flush=True)
    print(f"{everything} calls went wrong in turn, {wrong} of them with a wrong outcome")
    return faults.finish("fail-calls", directory, wrong)


if __name__ == "__main__":
    sys.exit(main())
