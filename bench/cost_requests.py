"""Requests for every operation of the API: a usual one each, and those that may cost most.

What may cost: every text at its bound and at a tenth of it, filled in many ways; the largest limits and lists; the last
page that a cursor reaches; users with most followers, followings and posts; and requests drawn from the description.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings

SEED, DRAWN = 7, 5  # requests drawn from the description of an operation
MOST_LIST = 200  # entries of a list in a body: more of them are refused for the bytes they take
MANY = 100  # characters of a query, of which a tenth is no smaller text
FREQUENT = (
    *("바다", "산책", "서울", "커피", "음식", "여행", "the", "of", "and", "to", "in", "for"),
    *("is", "on", "with", "river", "city", "food", "harbour", "walk"),
)
HANGUL = [chr(code) for code in range(0xAC00, 0xD7A4, 7)]
PIECES: Mapping[str, Callable[[random.Random], str]] = {  # of which texts are made
    "short words": lambda chance: "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=2)),
    "words": lambda chance: "".join(chance.choices("abcdeilmnorstu", k=chance.randint(4, 9))),
    "frequent words": lambda chance: chance.choice(FREQUENT),
    "Korean words": lambda chance: "".join(chance.choices(HANGUL, k=chance.randint(2, 4))),
    "both": lambda chance: chance.choice(FREQUENT) + chance.choice(HANGUL) + chance.choice("abc"),
    "phrases": lambda chance: f'"{chance.choice(FREQUENT)} {chance.choice(FREQUENT)}"',
    "operators": lambda chance: chance.choice(("-", "+", "site:", "| ", "OR ", "AND NOT ", "(", '"')) + "바다 ",
    "wildcards": lambda chance: chance.choice("abc") + chance.choice(("*", "?", "~2", ".*", "^9")),
    "mark-up": lambda chance: f"<b x='{chance.random()}'>&amp;",
    "addresses": lambda chance: f"https://a.example/{chance.randint(1, 1 << 30)}?b=%EA%B0%80",
    "numbers": lambda chance: f"{chance.randint(1, 1 << 30)}",
    "combined marks": lambda _: "e\u0301\u0302\u200d가\u1160",
}
DRAWING = settings(
    max_examples=DRAWN,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
FEW = ("words", "Korean words", "mark-up", "one letter")
RUNS = {"one Latin word": "abcdefghij", "one Korean word": "".join(HANGUL[:200]), "one letter": "a"}


@dataclass(frozen=True)
class Request:
    """`path` has the query in it; `who` is whose token is shown: "user", "admin" or nobody's."""

    method: str
    path: str
    body: bytes | None = None
    who: str = ""


@dataclass(frozen=True)
class Candidate:
    """`made(n)` makes n requests that are no one's repetition, and what they need."""

    note: str
    made: Callable[[int], Sequence[Request]]


Operation = tuple[str, str]  # method and template


def filled(kind: str, length: int, chance: random.Random) -> str:
    """A text of that kind and length."""
    if kind in RUNS:
        return (RUNS[kind] * (length // len(RUNS[kind]) + 1))[:length]
    pieces, size = [], 0
    while size < length:
        pieces.append(PIECES[kind](chance))
        size += len(pieces[-1]) + 1
    return " ".join(pieces)[:length].strip() or "a"


def texts(name: str, length: int) -> Iterator[tuple[str, int]]:
    """Kinds and lengths that are tried where a text may be so long: of a query all, of other texts few."""
    if name != "q":
        yield from ((kind, length) for kind in FEW)
        return
    for size in sorted({length, max(MANY, length // 10)}, reverse=True):
        for kind in (*PIECES, *RUNS):
            yield kind, min(size, length)


Values = Callable[[int], Mapping[str, Any]]


def nothing(_: int) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Known:
    """What the description does not say. Values are functions of a number, so that no request repeats another one."""

    path: Mapping[str, Callable[[int], object]]  # values of parameters in paths
    own: Mapping[Operation, Mapping[str, object]]  # and those of operations that take one alone
    usual: Mapping[Operation, tuple[Values, Values | None]]  # query and body of a usual request
    who: Callable[[Operation], str]
    crowded: Mapping[Operation, Sequence[tuple[str, Mapping[str, object]]]]  # by paths of those with most of something
    more: Mapping[Operation, Sequence[tuple[str, Values]]]  # queries that are dear for what they mean
    stock: Mapping[Operation, Sequence[Candidate]]  # operations that use up what they name: usual first, then heavy
    kept: Mapping[str, Values]  # of bodies by their titles, what stays as it must be
    last: Callable[[str, str], str]  # the cursor of the last page that is reached from this path, as whom
    numbers: Callable[[int], range]  # so many that were not there before


class Made:
    """The requests of all operations."""

    def __init__(self, description: Mapping[str, Any], known: Known) -> None:
        self.description, self.known = description, known

    def operations(self) -> Iterator[tuple[Operation, Mapping[str, Any]]]:
        for template, methods in self.description["paths"].items():
            for method, operation in methods.items():
                yield (method.upper(), template), operation

    def request(
        self,
        of: Operation,
        query: Mapping[str, Any],
        body: Any,
        number: int,
        path: Mapping[str, object] | None = None,
        who: str | None = None,
    ) -> Request:
        method, template = of
        named = {name: make(number) for name, make in self.known.path.items()}
        named |= {**self.known.own.get(of, {}), **(path or {})}
        address = template
        for name, value in named.items():
            address = address.replace("{" + name + "}", quote(str(value), safe=""))
        asked = {name: value for name, value in query.items() if value is not None}
        sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        who = self.known.who(of) if who is None else who
        return Request(method, address + (f"?{urlencode(asked, doseq=True)}" if asked else ""), sent, who)

    def usual(self, of: Operation) -> Candidate:
        query, body = self.known.usual.get(of, (nothing, None))
        if of in self.known.stock:
            return self.known.stock[of][0]
        return Candidate(
            "usual", lambda n: [self.request(of, query(i), body(i) if body else None, i) for i in self.known.numbers(n)]
        )

    def heavy(self, of: Operation, operation: Mapping[str, Any]) -> Iterator[Candidate]:
        yield from self.known.stock.get(of, [])[1:]
        if of in self.known.stock:
            return
        schema = self._body(operation)
        if schema:
            yield from self._bodies(of, schema)
        yield from self._queries(of, operation)
        yield from self._drawn(of)

    def _body(self, operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        return self._resolved(content["schema"]) if content else None

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self.description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _queries(self, of: Operation, operation: Mapping[str, Any]) -> Iterator[Candidate]:
        parameters = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "query"}
        query, body = self.known.usual.get(of, (nothing, None))
        largest = {name: schema["maximum"] for name, schema in parameters.items() if name == "limit"}
        largest |= {
            name: "true" for name, schema in parameters.items() if schema.get("type") == "boolean" and name != "explain"
        }
        make = partial(self._asked, of, query, body)
        if largest:
            yield Candidate("the largest limit", make(lambda _: largest))
        for name, path in self.known.crowded.get(of, []):
            yield Candidate(f"{name}, the largest limit", make(lambda _: largest, path))
        for name, schema in parameters.items():
            if schema.get("type") == "string" and schema.get("maxLength", 0) >= 35 and name != "cursor":
                for kind, size in texts(name, schema["maxLength"]):
                    varied = partial(self._varied, name, kind, size, largest)
                    yield Candidate(f"{name}: {size} characters, {kind}; the largest limit", make(varied))
        for name, value in self.known.more.get(of, []):
            yield Candidate(name, make(partial(lambda value, number: {**largest, **value(number)}, value)))
        if "cursor" in parameters:
            yield Candidate("the last page that is reached", partial(self._deep, of, query, largest))

    def _deep(self, of: Operation, usual: Values, largest: Mapping[str, Any], n: int) -> Sequence[Request]:
        (number,) = self.known.numbers(1)
        first = self.request(of, {**usual(number), **largest}, None, number)
        cursor = self.known.last(first.path, first.who)
        return [self.request(of, {**usual(number), **largest, "cursor": cursor or None}, None, number)] * n

    def _varied(self, name: str, kind: str, size: int, more: Mapping[str, Any], number: int) -> Mapping[str, Any]:
        return {**more, name: filled(kind, size, random.Random(f"{SEED}{name}{kind}{size}{number}"))}

    def _asked(
        self,
        of: Operation,
        usual: Values,
        body: Values | None,
        more: Values,
        path: Mapping[str, Any] | None = None,
    ) -> Callable[[int], Sequence[Request]]:
        def made(n: int) -> Sequence[Request]:
            return [
                self.request(of, {**usual(i), **more(i)}, body(i) if body else None, i, path)
                for i in self.known.numbers(n)
            ]

        return made

    def _bodies(self, of: Operation, schema: Mapping[str, Any]) -> Iterator[Candidate]:
        query, body = self.known.usual.get(of, (nothing, nothing))
        for kind in (*PIECES, *RUNS):

            def made(n: int, kind: str = kind) -> Sequence[Request]:
                return [
                    self.request(of, query(i), self._largest(schema, kind, i, body(i) if body else {}), i)
                    for i in self.known.numbers(n)
                ]

            yield Candidate(f"a body at its bounds, {kind}", made)

    def _largest(self, schema: Mapping[str, Any], kind: str, number: int, usual: Mapping[str, Any]) -> Any:
        """The usual body with every free text at its bound, and every list, too, or as long as a body may hold."""
        chance, made = random.Random(f"{SEED}{kind}{number}"), dict(usual)
        for name, one in schema["properties"].items():
            one = self._resolved(one)
            one = next((each for each in one.get("anyOf", []) if each.get("maxLength")), one)
            if one.get("type") == "array" and (entry := self._resolved(one["items"])).get("maxLength"):
                size = min(one.get("maxItems", MOST_LIST), MOST_LIST)
                if "pattern" not in entry:
                    made[name] = [filled(kind, entry["maxLength"], chance) for _ in range(size)]
                elif name == "start_urls":
                    made[name] = [f"http://h{i}.example/{'a' * (entry['maxLength'] // 2)}" for i in range(size)]
            elif one.get("type") == "string" and one.get("maxLength") and not {"pattern", "enum"} & {*one}:
                made[name] = filled(kind, one["maxLength"], chance)
            elif one.get("type") == "array" and name in usual and usual[name]:
                made[name] = (usual[name] * MOST_LIST)[: min(one.get("maxItems", 1), MOST_LIST)]
        return made | {**self.known.kept.get(self._name(schema), nothing)(number)}

    def _name(self, schema: Mapping[str, Any]) -> str:
        return str(schema.get("title", ""))

    def _drawn(self, of: Operation) -> Iterator[Candidate]:
        """Requests from the description, always the same ones."""
        operation = schemathesis.openapi.from_dict(dict(self.description))[of[1]][of[0]]
        drawn: list[Request] = []

        @seed(SEED)
        @settings(DRAWING)
        @given(case=operation.as_strategy())
        def draw(case: Any) -> None:
            body = case.body if isinstance(case.body, dict) else None
            query = {k: str(v) for k, v in (case.query or {}).items() if k != "cursor"}
            drawn.append(self.request(of, query, body, len(drawn)))

        try:
            draw()
        except Exception as error:  # a description from which nothing can be drawn is not what is measured here
            print(f"{of}: {error}")
        for number, request in enumerate(drawn):
            yield Candidate(f"drawn from the description, {number}", partial(lambda one, n: [one] * n, request))
