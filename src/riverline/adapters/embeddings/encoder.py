"""The encoder of a packed sentence model as a graph of ONNX Runtime, made when it is loaded, not ahead.

The weights stay in 4 bits (`MatMulNBits`, blocks of 32), so that what the graph says is what the model says. Its input
is the sum of the pieces' vectors and their places; its output, the mean of the last layer over all pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from riverline.adapters.embeddings.packed_model import BLOCK, Array, halves, rows, scales

_RUNTIME = "com.microsoft"  # the domain of ONNX Runtime's own operators
_OPERATORS, _FORMAT = 20, 9  # versions of ONNX's operators and of its files
_INT8 = 4  # accuracy_level: products of 8 bits


class Model(Protocol):
    """The sizes and tensors of a model: `packed_model.py`, `float_model.py`."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    start: int
    end: int

    def floats(self, name: str) -> Array: ...

    def blocks(self, name: str, rows: int) -> Array: ...


class EncoderGraph:
    """Collects the graph's nodes, layer by layer."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def serialised(self) -> bytes:
        model, size = self._model, self._model.hidden
        last = self._normalised(["pieces"], "emb.ln")
        for number in range(model.layers):
            last = self._layer(last, f"l{number}")
        axes = self._constant("places", np.array([1], np.int64))
        self._node("ReduceMean", [last, axes], "mean", keepdims=0)
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info("pieces", onnx.TensorProto.FLOAT, [1, "pieces", size])],
            [helper.make_tensor_value_info("mean", onnx.TensorProto.FLOAT, [1, size])],
            self._constants,
        )
        versions = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid(_RUNTIME, 1)]
        made: bytes = helper.make_model(graph, opset_imports=versions, ir_version=_FORMAT).SerializeToString()
        return made

    def _layer(self, given: str, name: str) -> str:
        size = self._model.hidden
        asked = self._product(given, [f"{name}.{part}" for part in "qkv"], size)
        parts = [f"{name}.{part}.part" for part in "qkv"]
        self._nodes.append(helper.make_node("Split", [asked], parts, axis=2, num_outputs=len(parts)))
        self._node("MultiHeadAttention", parts, f"{name}.seen", _RUNTIME, num_heads=self._model.heads)
        attended = self._normalised([given, self._product(f"{name}.seen", [f"{name}.ao"], size)], f"{name}.aln")
        widened = self._product(attended, [f"{name}.fi"], self._model.inner)
        self._node("Gelu", [widened], f"{name}.wide", _RUNTIME)
        return self._normalised([attended, self._product(f"{name}.wide", [f"{name}.fo"], size)], f"{name}.oln")

    def _product(self, given: str, names: Sequence[str], each: int) -> str:
        """With the matrices of these names side by side, of `each` rows, and their biases added."""
        all_blocks = np.concatenate([self._model.blocks(f"{name}.w", each) for name in names])
        weights = halves(all_blocks)
        packed = (weights[:, :, 0::2] | (weights[:, :, 1::2] << 4)).astype(np.uint8)
        out = names[0]
        inputs = [given, self._constant(f"{out}.w", packed), self._constant(f"{out}.s", scales(all_blocks).reshape(-1))]
        sizes = {"K": all_blocks.shape[1] * BLOCK, "N": each * len(names), "bits": 4, "block_size": BLOCK}
        self._node("MatMulNBits", inputs, f"{out}.product", _RUNTIME, accuracy_level=_INT8, **sizes)
        bias = np.concatenate([self._model.floats(f"{name}.b") for name in names])
        return self._node("Add", [f"{out}.product", self._constant(f"{out}.b", bias)], f"{out}.out")

    def _normalised(self, given: Sequence[str], name: str) -> str:
        """The sum of what is given, layer-normalised."""
        weighed = [self._constant(f"{name}.{part}", self._model.floats(f"{name}.{part}")) for part in "wb"]
        inputs, epsilon = [*given, *weighed], self._model.epsilon
        if len(given) == 1:
            return self._node("LayerNormalization", inputs, f"{name}.out", epsilon=epsilon, axis=-1)
        return self._node("SkipLayerNormalization", inputs, f"{name}.out", _RUNTIME, epsilon=epsilon)

    def _constant(self, name: str, values: Array) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, kind: str, given: Sequence[str], out: str, domain: str = "", **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, list(given), [out], domain=domain, **attributes))
        return out


class Encoder:
    """From pieces to a vector of length 1. Thread-safe. The model is not kept: its file may be large."""

    def __init__(self, model: Model) -> None:
        self._start, self._end, self._most = model.start, model.end, model.positions - 2
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # what else runs here needs its processors
        graph = EncoderGraph(model).serialised()
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._words = model.blocks("emb.word", model.vocabulary)
        places = model.floats("emb.pos").reshape(model.positions, -1)
        self._places = places + model.floats("emb.type").reshape(model.types, -1)[0]

    def vector(self, pieces: Sequence[int]) -> Array:
        """Of a text of these pieces, as many as the model has places for."""
        asked = [self._start, *pieces[: self._most], self._end]
        summed = rows(self._words[asked]) + self._places[: len(asked)]
        (mean,) = self._session.run(None, {"pieces": summed[None].astype(np.float32)})[0]
        return mean / np.linalg.norm(mean)
