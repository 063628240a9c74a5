"""`python -m tests.simulation [SEED] [--count N]`: hours of outages, each drawn from a seed.

See docs/how-to/simulate-outages.md.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.faults import run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, help="this hour alone, with all that happens in it")
    parser.add_argument("--count", type=int, default=50, help="so many hours (default 50)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default 1)")
    parser.add_argument("--hours", type=float, default=1.0, help="how long each lasts (default 1)")
    chosen = parser.parse_args()
    alone = chosen.seed is not None
    seeds = [chosen.seed] if alone else range(chosen.first, chosen.first + chosen.count)
    failed, began = [], time.monotonic()
    for seed in seeds:
        started = time.process_time()
        wrong = run(seed, chosen.hours, print if alone else lambda _: None)
        found = f"{len(wrong)} things are wrong" if wrong else "good"
        print(f"seed {seed}: {found}, {time.process_time() - started:.1f} s of processor time", flush=True)
        for one in wrong if alone else wrong[:3]:
            print(f"    {one}")
        failed += [seed] if wrong else []
    took = time.monotonic() - began
    print(f"\n{len(seeds) - len(failed)} of {len(seeds)} hours were good, in {took:.0f} s.")
    if failed:
        print(f"To see one that was not again: make simulate SEED={failed[0]}   (others: {failed[1:10]})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
