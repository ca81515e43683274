"""Compares a JSON answer with the shape of what the original answered.

A shape is JSON with words instead of values: `int`, `str`, `bool`, `null`, `timestamp`, `digits`;
`<id>` stands for any key of digits, `<domain_name>` for any key. What was null in one sample may
have a value in another: `Observed` knows what each member was anywhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

WORDS = frozenset({"int", "str", "bool", "null", "timestamp", "digits"})
ANY_KEY = frozenset({"<id>", "<domain_name>"})
# Seen as `…_fields: [names]`, answered as `{name: text}`.
NAMES_OF = "form_fields"


class Observed:
    """Everything that was seen, for what is null in one sample and something in another."""

    def __init__(self, *shapes: Any) -> None:
        self.known: dict[str, Any] = {}
        self.kinds: dict[str, set[str]] = defaultdict(set)
        for shape in shapes:
            self._learn(shape, "")

    def _learn(self, shape: Any, name: str) -> None:
        if isinstance(shape, str) and shape.startswith("as "):
            return
        self.kinds[name].add("empty" if shape == {} else kind_of_shape(shape))
        if isinstance(shape, dict):
            if "#" in shape:
                self.known[shape["#"]] = shape
            for key, member in shape.items():
                if key != "#":
                    self._learn(member, f"{name}.<>" if key in ANY_KEY else key)
        elif isinstance(shape, list):
            for member in shape:
                self._learn(member, f"{name}[]")

    def faults(self, shape: Any, value: Any, path: str = "", name: str = "") -> Iterator[str]:
        """Where the value has another type, or lacks a member."""
        if isinstance(shape, str) and shape.startswith("as "):
            shape = self.known[shape.removeprefix("as ")]
        seen = self.kinds[name]
        if value is None or shape == "null":
            if value is None and "null" not in seen and shape != "null":
                yield f"{path}: null, was {kind_of_shape(shape)}"
            elif value is not None and seen > {"null"} and not any(fits(k, value) for k in seen):
                yield f"{path}: {value!r:.60}, was {' or '.join(sorted(seen))}"
        elif isinstance(shape, dict):
            yield from self._of_dict(shape, value, path, name)
        elif isinstance(shape, list):
            yield from self._of_list(shape, value, path, name)
        elif not fits(kind_of_shape(shape), value):
            yield f"{path}: {value!r:.60}, was {shape}"

    def _of_dict(self, shape: dict[str, Any], value: Any, path: str, name: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: {value!r:.60}, was an object"
            return
        if value == {} and "empty" in self.kinds[name]:
            return
        for key, member in shape.items():
            if key in ANY_KEY:
                for one, found in value.items():
                    if key == "<id>" and not one.isdigit():
                        yield f"{path}.{one}: is no id"
                    yield from self.faults(member, found, f"{path}.{one}", f"{name}.<>")
            elif key != "#" and key not in value:
                yield f"{path}.{key}: is missing"
            elif key != "#":
                yield from self.faults(member, value[key], f"{path}.{key}", key)

    def _of_list(self, shape: list[Any], value: Any, path: str, name: str) -> Iterator[str]:
        if name == NAMES_OF:
            yield from (f"{path}.{field}: is missing" for field in shape if field not in value)
            return
        if not isinstance(value, list):
            yield f"{path}: {value!r:.60}, was a list"
            return
        for number, member in enumerate(value):
            for of in shape[:1]:
                yield from self.faults(of, member, f"{path}[{number}]", f"{name}[]")


def kind_of_shape(shape: Any) -> str:
    if isinstance(shape, dict):
        return "object"
    if isinstance(shape, list):
        return "list"
    return shape if shape in WORDS else f"= {shape}"


def fits(kind: str, value: Any) -> bool:
    if kind.startswith("= "):
        return value == kind.removeprefix("= ")
    match kind:
        case "null":
            return value is None
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "object" | "empty":
            return isinstance(value, dict)
        case "list":
            return isinstance(value, list)
        case "digits":
            return isinstance(value, str) and value.isdigit()
        case "timestamp":
            return isinstance(value, str) and is_timestamp(value)
    return isinstance(value, str)


def is_timestamp(text: str) -> bool:
    """UTC without an offset."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?", text):
        return False
    datetime.fromisoformat(text)
    return True
