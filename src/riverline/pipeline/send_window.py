"""How many records a spout may have in flight. Pure.

Whatever is sent waits in queues in front of the bolts, and Storm takes what waits for longer than the message timeout
for lost. By Little's law a record waits for as long as the stages need for those that are in flight before it, so no
more are let out than were finished within a wait that is short beside the timeout: the wait stays what it may be,
whatever a page costs. While pages are fast that is far more than the queues need, and the upper bound holds; when
nothing is finished (an outage), hardly anything is sent.
"""

from __future__ import annotations

from collections import deque


class SendWindow:
    """From `least` to `most` records; between them, as many as were finished in the last `wait` seconds.

    `least` keeps every task busy before anything is known of it. Starting with it, the window doubles with each round
    trip, as a congestion window does. Not thread-safe; times are of one monotonic clock.
    """

    def __init__(self, wait: float, least: int, most: int) -> None:
        self.wait, self.least, self.most = wait, min(least, most), most
        self._finished: deque[float] = deque(maxlen=most)

    def finish(self, now: float) -> None:
        """Counts a record that is done."""
        self._finished.append(now)

    def limit(self, now: float) -> int:
        """How many records may be in flight."""
        while self._finished and self._finished[0] <= now - self.wait:
            self._finished.popleft()
        return max(self.least, len(self._finished))
