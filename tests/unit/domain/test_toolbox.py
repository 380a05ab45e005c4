"""Skills by name."""

from __future__ import annotations

import pytest

from conductor_tui.domain.toolbox import Skill, Skills

SKILLS = Skills(
    (Skill("review", "/r", is_enabled=False), Skill("release", "/a"), Skill("release", "/b", is_enabled=False))
)


@pytest.mark.parametrize(
    ("text", "off"),
    [
        ("$review this", ("review",)),
        ("use ($review), then $review", ("review",)),
        ("$reviewer, $review-all, $review:x, a$review, $$review, review", ()),
        ("$release it", ()),
    ],
)
def test_a_prompt_that_names_a_skill_which_is_off_is_recognised(text: str, off: tuple[str, ...]) -> None:
    assert SKILLS.switched_off_in(text) == off
