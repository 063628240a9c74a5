"""What a topic costs three brokers: time to make it, memory, maps and open files.

    python -m bench.topics [--counts 424 1000 2120]

Starts three brokers of its own, with three copies of each topic, so that each broker has every partition, and prints a
row for each number of topics. They stay empty.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import psutil

from riverline.adapters.kafka.topics import connect_admin, create_topics
from riverline_stack.servers import kafka_brokers
from tests.support.few_servers import few_servers

OFFSET = 17_000  # of the ports
SETTLED = 10.0  # seconds after the last topic
COLUMNS = ("topics", "made in", "a second", "memory of a broker", "maps", "open files")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=[424, 1000, 2120])
    counts = sorted(parser.parse_args().counts)
    home = Path(tempfile.mkdtemp(prefix="riverline-topics-"))
    home.chmod(0o755)
    with few_servers(home, OFFSET, kafka_brokers.programs, kafka_brokers.install) as settings:
        print(f"| {' | '.join(COLUMNS)} |\n" + "|---" * len(COLUMNS) + "|")
        admin, there = connect_admin(settings), 0
        print(row(0, 0.0, 0, home), flush=True)
        for count in counts:
            began = time.monotonic()
            create_topics(admin, settings, {f"crawl.site{number}.example" for number in range(there, count)})
            took = time.monotonic() - began
            time.sleep(SETTLED)
            print(row(count, took, count - there, home), flush=True)
            there = count
        admin.close()
    shutil.rmtree(home)


def row(count: int, took: float, made: int, home: Path) -> str:
    """The largest figures of the three."""
    brokers = [one for one in psutil.process_iter(["cmdline"]) if is_broker(one.info["cmdline"] or [], home)]
    memory = max(one.memory_info().rss for one in brokers) >> 20
    maps = max(len(Path(f"/proc/{one.pid}/maps").read_text().splitlines()) for one in brokers)
    files = max(len(list(Path(f"/proc/{one.pid}/fd").iterdir())) for one in brokers)
    pace = f"{made / took:.0f}" if took else ""
    return f"| {count} | {took:.1f} s | {pace} | {memory} MiB | {maps} | {files} |"


def is_broker(command: list[str], home: Path) -> bool:
    return "kafka.Kafka" in command and any(str(home) in word for word in command)


if __name__ == "__main__":
    main()
