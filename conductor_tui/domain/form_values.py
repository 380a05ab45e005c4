"""What is wrong with a value for a field of an MCP form, said before it is sent.

Source: MCP 2025-11-25, elicitation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlsplit

from conductor_tui.domain.approvals import FieldRules, Question

_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def why_wrong(question: Question, text: str) -> str:
    """Why a text cannot be the answer, in words; empty when it can. An empty text leaves an optional field out."""
    rules = question.rules
    if not text.strip():
        return "" if rules.is_optional else "An answer is needed"
    match question.kind:
        case "integer":
            return _out_of_range(rules, text) if _INTEGER.fullmatch(text.strip()) else "A whole number is needed"
        case "number":
            return _out_of_range(rules, text) if _NUMBER.fullmatch(text.strip()) else "A number is needed"
        case "string":
            return _wrong_text(rules, text)
    return ""


def _out_of_range(rules: FieldRules, text: str) -> str:
    value = float(text)
    if rules.minimum is not None and value < rules.minimum:
        return f"At least {rules.minimum:g} is needed"
    if rules.maximum is not None and value > rules.maximum:
        return f"At most {rules.maximum:g} is allowed"
    return ""


def _wrong_text(rules: FieldRules, text: str) -> str:
    if len(text) < rules.min_length:
        return f"At least {rules.min_length} characters are needed"
    if rules.max_length is not None and len(text) > rules.max_length:
        return f"At most {rules.max_length} characters are allowed"
    match rules.format:
        case "email":
            return "" if _EMAIL.fullmatch(text) else "An e-mail address is needed"
        case "uri":
            return "" if _fits(lambda: urlsplit(text).scheme) else "A URL is needed, with its scheme"
        case "date":
            return "" if _fits(lambda: date.fromisoformat(text)) else "A date is needed, such as 2026-01-31"
        case "date-time":
            is_time = "T" in text.upper() and _fits(lambda: datetime.fromisoformat(text))
            return "" if is_time else "A date and time is needed, such as 2026-01-31T12:00:00Z"
    return ""


def _fits(parse: Callable[[], object]) -> bool:
    try:
        return bool(parse())
    except ValueError:
        return False
