"""What of a change of settings the models allow."""

from __future__ import annotations

import pytest

from conductor_tui.domain.controls import (
    EffortOption,
    ModelOption,
    SandboxKind,
    SandboxPolicy,
    ServiceTier,
    SessionSettings,
    SettingsUpdate,
    checked,
)

FAST = (ServiceTier("priority", "Fast"),)
BIG = ModelOption(
    "big", "big", "Big", efforts=(EffortOption("low"), EffortOption("high")), default_effort="low", tiers=FAST
)
SMALL = ModelOption("small", "small", "Small", efforts=(EffortOption("low"),), default_effort="low")
SECRET = ModelOption("secret", "secret", "Secret", is_hidden=True, efforts=BIG.efforts, default_effort="high")
PLAIN = ModelOption("plain", "plain", "Plain")
MODELS = (BIG, SMALL, SECRET, PLAIN)
NOW = SessionSettings(model="big", effort="high", service_tier="priority")


@pytest.mark.parametrize(
    ("update", "left", "words"),
    [
        (SettingsUpdate(effort="low"), SettingsUpdate(effort="low"), []),
        (SettingsUpdate(effort="ultra"), SettingsUpdate(), ["Big has no effort ultra, only low, high."]),
        (SettingsUpdate(service_tier="flex"), SettingsUpdate(), ["Big has no service tier flex."]),
        (SettingsUpdate(service_tier="fast"), SettingsUpdate(service_tier="fast"), []),
        (SettingsUpdate(service_tier="default"), SettingsUpdate(service_tier="default"), []),
        (
            SettingsUpdate(model="nonsense", effort="low"),
            SettingsUpdate(effort="low"),
            ["This Codex lists no model nonsense; the model stays big."],
        ),
        (
            SettingsUpdate(model="small"),
            SettingsUpdate(model="small", effort="low", service_tier="default"),
            ["Small has no effort high; its default is used: low.", "Small has no service tier priority."],
        ),
        (
            SettingsUpdate(model="secret", service_tier="default"),
            SettingsUpdate(model="secret", service_tier="default"),
            [],
        ),
        (
            SettingsUpdate(model="plain", effort="high", service_tier="default"),
            SettingsUpdate(model="plain", service_tier="default"),
            ["Plain has no reasoning efforts."],
        ),
        (SettingsUpdate(model="big", effort="low"), SettingsUpdate(model="big", effort="low"), []),
        (SettingsUpdate(approval_policy="never"), SettingsUpdate(approval_policy="never"), []),
        (
            SettingsUpdate(sandbox=SandboxPolicy(SandboxKind.READ_ONLY)),
            SettingsUpdate(sandbox=SandboxPolicy(SandboxKind.READ_ONLY)),
            [],
        ),
    ],
)
def test_pitfall_29_what_the_models_lack_is_left_out_with_a_word(
    update: SettingsUpdate, left: SettingsUpdate, words: list[str]
) -> None:
    result = checked(update, NOW, MODELS)
    assert result.update == left
    assert list(result.remarks) == words


@pytest.mark.parametrize("update", [SettingsUpdate(model="nonsense", effort="ultra", service_tier="flex")])
def test_what_cannot_be_checked_passes(update: SettingsUpdate) -> None:
    assert checked(update, NOW, ()).update == update
    own = SessionSettings(model="my-own", effort="high")
    assert checked(SettingsUpdate(effort="ultra"), own, MODELS).update == SettingsUpdate(effort="ultra")
    assert checked(SettingsUpdate(effort="ultra"), own, MODELS).remarks == ()
