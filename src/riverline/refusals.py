"""What is said of a value that does not fit its model: in settings, in files of targets, and in answers of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def refusal(kind: str, message: str, limits: Mapping[str, Any]) -> str:
    """What a value must be, by the kind of the fault and the limits that it broke."""
    if kind in _SENTENCES:
        return _SENTENCES[kind].format_map(limits)
    return message.removeprefix("Value error, ")


_SENTENCES = {
    "extra_forbidden": "there is no such parameter",
    "missing": "it is needed",
    "string_too_short": "it must have at least {min_length} characters",
    "string_too_long": "it must have at most {max_length} characters",
    "string_pattern_mismatch": "it does not have the form that is described: {pattern}",
    "greater_than_equal": "it must be at least {ge}",
    "greater_than": "it must be more than {gt}",
    "less_than_equal": "it must be at most {le}",
    "less_than": "it must be less than {lt}",
    "too_short": "it must have at least {min_length} entries",
    "too_long": "it must have at most {max_length} entries",
    "enum": "it must be one of {expected}",
    "literal_error": "it must be one of {expected}",
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float", "int_parsing_size"), "it must be a whole number"),
    **dict.fromkeys(("float_parsing", "float_type"), "it must be a number"),
    **dict.fromkeys(("bool_parsing", "bool_type"), "it must be true or false"),
    "string_type": "it must be a text",
    "list_type": "it must be a list",
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "it must be a JSON object"),
}
