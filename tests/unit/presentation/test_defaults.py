from __future__ import annotations

import pytest
from msgspec.structs import replace

from conductor_tui.domain.controls import PLAN_PROFILE, SandboxKind, SandboxPolicy
from conductor_tui.domain.defaults import Defaults
from conductor_tui.ui.presentation.defaults import changes, why_not_permissions
from tests.fakes.agent import SETTINGS

READING = SandboxPolicy(SandboxKind.READ_ONLY)


def test_each_change_is_a_line_in_the_words_of_the_controls() -> None:
    before = Defaults(sandbox_mode="workspace-write", permission_profile="mine", writable_roots=("/data",))
    wanted = Defaults(
        sandbox_mode="danger-full-access", network_access=True, writable_roots=(), approval_policy="never"
    )
    assert changes(before, wanted, None) == [
        "sandbox: workspace → full access",
        "network: Codex's default → on",
        "writable folders: /data → none",
        "permission profile: mine → none",
        "approvals: Codex's default → never",
    ]


def test_what_somebody_else_wrote_meanwhile_is_said_on_its_line() -> None:
    seen, now = Defaults(sandbox_mode="read-only"), Defaults(sandbox_mode="danger-full-access")
    assert changes(now, Defaults(sandbox_mode="workspace-write"), seen) == [
        "sandbox: full access → workspace  (was read-only, changed by another program)"
    ]


@pytest.mark.parametrize(
    ("session", "words"),
    [
        ({}, ""),
        ({"approval_policy": "untrusted"}, "for a session only"),
        ({"approval_policy": "granular"}, "does not write approval rules"),
        ({"is_plan_mode": True}, "Plan Mode sets these"),
        ({"permission_profile": PLAN_PROFILE}, "Plan Mode sets these"),
        ({"permission_profile": ":workspace"}, ""),
        ({"permission_profile": "mine"}, ""),
        ({"permission_profile": "theirs"}, "no profile theirs"),
        ({"sandbox": READING}, ""),
        ({"sandbox": SandboxPolicy(SandboxKind.EXTERNAL)}, "no name for this sandbox"),
        ({"sandbox": None}, "no name for this sandbox"),
    ],
)
def test_permissions_that_cannot_be_the_default_say_why(session: dict[str, object], words: str) -> None:
    reason = why_not_permissions(replace(SETTINGS, **session), Defaults(), {"mine"}, is_trust_undecided=False)
    assert words in reason
    assert bool(words) is bool(reason)


def test_what_the_file_says_already_needs_no_permission_of_codex() -> None:
    for policy in ("untrusted", "granular"):
        session, before = replace(SETTINGS, approval_policy=policy), Defaults(approval_policy=policy)
        assert not why_not_permissions(session, before, (), is_trust_undecided=False)


def test_read_only_until_trust_is_decided_is_nobodys_choice() -> None:
    assert "trust" in why_not_permissions(replace(SETTINGS, sandbox=READING), Defaults(), (), is_trust_undecided=True)
    assert not why_not_permissions(SETTINGS, Defaults(), (), is_trust_undecided=True)
