"""This machine: processors, memory, disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import psutil

from riverline.monitoring.sample import series
from riverline_monitor.sampler import SourceReading


class MachineSource:
    """Processors are measured between two readings. Of each folder: where on its disk that disk is asked for."""

    def __init__(self, folders: Mapping[Path, Path]) -> None:
        self._folders = folders
        psutil.cpu_percent()

    def read(self) -> SourceReading:
        values = {
            "cpu": psutil.cpu_percent() / 100,
            "load": os.getloadavg()[0] / (os.cpu_count() or 1),
            "memory_used": psutil.virtual_memory().percent / 100,
        }
        for folder, place in self._folders.items():
            if place.exists():
                usage = shutil.disk_usage(place)
                values[series("disk_used", str(folder))] = 1 - usage.free / usage.total
                values[series("disk_free", str(folder))] = float(usage.free)
        return SourceReading(values)
