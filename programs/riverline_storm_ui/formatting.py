"""How Storm UI writes figures: lengths of time, windows, latencies."""

from __future__ import annotations

ALL_TIME = ":all-time"
WINDOWS = ("600", "10800", "86400", ALL_TIME)  # seconds: what Storm's daemons count by
PARTS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


def uptime(seconds: int) -> str:
    """`1d 2h 3m 4s`, from the first part that is not nothing; as Storm's UI writes it."""
    shown: list[str] = []
    for unit, size in PARTS:
        count, seconds = divmod(seconds, size)
        if count or shown or unit == "s":
            shown.append(f"{count}{unit}")
    return " ".join(shown)


def window(name: str) -> str:
    """The window in words: `10m 0s`, `All time`."""
    return "All time" if name == ALL_TIME else uptime(int(name))


def latency(milliseconds: float | None) -> str:
    """Milliseconds with three digits behind the point: a string, as Storm's UI gives it."""
    return f"{milliseconds or 0:.3f}"


def local_path(path: str) -> str:
    """A path of this server; where it is none, the first page's: nobody is led to another server."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
