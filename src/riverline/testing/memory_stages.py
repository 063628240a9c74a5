"""The states of tasks in this process's memory: the twin of `adapters/redis/stages.py`."""

from __future__ import annotations

from riverline.stages import StageState, fresh_states


class MemoryStages:
    """Keeps them packed, as Redis does."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def publish(self, state: StageState) -> None:
        self._held[f"{state.component}/{state.task}"] = state.packed()

    def fresh(self, now_ms: int) -> list[StageState]:
        return fresh_states(self._held.values(), now_ms)
