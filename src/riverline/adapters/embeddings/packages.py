"""The packages that models come in, and the form in which vectors leave."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from riverline.adapters.embeddings.packed_model import Array
from riverline.errors import Fatal
from riverline.search.semantic.contracts import Vector


def packaged(package: str, file: str) -> Path:
    """Where the package has its file; the package itself is not imported. Raises Fatal without it."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise Fatal("the packages of semantic search are not installed; `make up SEMANTIC=1` installs them")
    return Path(found.submodule_search_locations[0]) / file


def in_bytes(vector: Array) -> Vector:
    """In 8 bits: the greatest of its numbers is 127, so that its direction is kept as well as can be."""
    return np.round(vector * (127 / np.abs(vector).max())).astype(np.int8).tobytes()  # type: ignore[no-any-return]
