"""Values for the fields of MCP forms are looked at before they are sent."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_tui.domain import approvals as ap
from conductor_tui.domain.approvals import FieldRules, Question
from conductor_tui.domain.form_values import why_wrong
from conductor_tui.domain.ids import ThreadId
from conductor_tui.protocol import encode


@pytest.mark.parametrize(
    ("kind", "rules", "text", "is_right"),
    [
        ("integer", FieldRules(), "abc", False),
        ("integer", FieldRules(), "1_000", False),
        ("integer", FieldRules(), "1.5", False),
        ("integer", FieldRules(), " 12 ", True),
        ("integer", FieldRules(minimum=18), "17", False),
        ("integer", FieldRules(maximum=9), "10", False),
        ("number", FieldRules(), "nan", False),
        ("number", FieldRules(), "inf", False),
        ("number", FieldRules(), "-1.5e3", True),
        ("string", FieldRules(), "", False),
        ("string", FieldRules(is_optional=True), "", True),
        ("string", FieldRules(min_length=3), "ab", False),
        ("string", FieldRules(max_length=3), "abcd", False),
        ("string", FieldRules(format="email"), "ada", False),
        ("string", FieldRules(format="email"), "ada@example.org", True),
        ("string", FieldRules(format="uri"), "example.org", False),
        ("string", FieldRules(format="uri"), "https://example.org", True),
        ("string", FieldRules(format="date"), "2026-02-30", False),
        ("string", FieldRules(format="date"), "2026-02-28", True),
        ("string", FieldRules(format="date-time"), "2026-02-28", False),
        ("string", FieldRules(format="date-time"), "2026-02-28T12:00:00Z", True),
    ],
)
def test_what_does_not_fit_the_schema_is_said(kind: str, rules: FieldRules, text: str, is_right: bool) -> None:
    assert (why_wrong(Question("q", "?", kind=kind, rules=rules), text) == "") is is_right


@given(st.sampled_from(["integer", "number"]), st.text(alphabet="0123456789+-.eE_ naif\u0661\uff11", max_size=8))
def test_what_passes_is_sent_as_a_number(kind: str, text: str) -> None:
    question = Question("q", "?", kind=kind)
    if why_wrong(question, text) == "":
        approval = ap.McpApproval(1, ThreadId("T"), questions=(question,))
        content = encode.answer(approval, ap.Answer(ap.Decision.ONCE, (("q", (text.strip(),)),)))["content"]
        assert isinstance(content["q"], int if kind == "integer" else float)
        assert json.loads(json.dumps(content, allow_nan=False)) == content
