"""`python -m demo`: serves the demo web, or writes its truth."""

import argparse
import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from demo import truth
from demo.server import HOST, serve
from demo.web import Web


def arguments(line: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8090, help="where to listen; 0 takes a free port")
    parser.add_argument("--host", default=HOST, help="the address to listen on")
    parser.add_argument("--log", type=Path, help="a file that gets one line of JSON a request")
    parser.add_argument("--truth", action="store_true", help="write truth.json and leave")
    return parser.parse_args(line)


def main(line: list[str]) -> None:
    """Runs the command."""
    asked = arguments(line)
    if asked.truth:
        truth.FILE.write_text(truth.truth_text(Web()), "utf-8")
        return
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(asked.port, asked.log, asked.host))


if __name__ == "__main__":
    main(sys.argv[1:])
