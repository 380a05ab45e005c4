"""Commands on a session's controls, and the letters that run them in the controls pane. Part of the one table."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

CONTROL_COMMANDS: tuple[Command, ...] = (
    Command(
        "control.model",
        "Model",
        "Choose the model for the next turn.",
        ("ctrl+o",),
        aliases="gpt switch",
        hint="model",
    ),
    Command(
        "control.effort",
        "Reasoning effort",
        "Switch to the next effort the model supports.",
        ("ctrl+t",),
        aliases="thinking reasoning",
        hint="effort",
    ),
    Command(
        "control.plan",
        "Plan Mode",
        "Codex plans and cannot write: plan mode together with a read-only sandbox.",
        ("shift+tab",),
        aliases="mode",
        hint="plan",
    ),
    Command(
        "control.fast",
        "Fast Mode",
        "The model's fast service tier: quicker answers, more credits.",
        ("ctrl+f",),
        aliases="speed tier",
    ),
    Command(
        "control.permissions",
        "Permissions",
        "What Codex may do without asking.",
        (),
        aliases="sandbox approvals approval policy full access read-only",
    ),
    Command(
        "control.once",
        "Only the next turn",
        "What you change then holds for one turn; afterwards the session is as it is now.",
        (),
    ),
    Command(
        "control.personality",
        "Personality",
        "How Codex talks, where model and Codex version support it.",
        (),
    ),
    Command(
        "control.skills",
        "Skills",
        "Write a skill into the prompt, or switch skills on and off.",
        (),
    ),
    Command(
        "control.mcp",
        "MCP servers",
        "See what became of each server, its tools, and sign in.",
        (),
        aliases="tools",
    ),
    Command(
        "control.goal",
        "Goal",
        "Give Codex a goal that it pursues turn after turn; pause it, or give it up.",
        (),
        aliases="objective",
    ),
    Command(
        "control.provider",
        "Model provider",
        "Start a session with another provider, or add one.",
        (),
    ),
    Command(
        "control.make_default",
        "Make this the default",
        "Write this session's model, effort and Fast Mode, or its permissions, to config.toml for new sessions.",
        (),
    ),
    Command(
        "preset.use",
        "Presets",
        "Take a preset: model, effort, mode and permissions under one name, which codex -p knows, too.",
        ("ctrl+x",),
        aliases="profile",
    ),
    Command(
        "preset.save",
        "Save as preset",
        "Keep what is in force in this session under a name.",
        (),
        aliases="profile",
    ),
    Command("preset.rename", "Rename preset", "Give a preset another name.", ()),
    Command("preset.delete", "Delete preset", "Remove a preset's file.", ()),
)
CONTROL_LETTERS = tuple(
    Command(f"controls.{name}", title, text, (key,), Pane.CONTROLS, action=f"run('{runs}')", runs=runs)
    for key, name, runs, title, text in (
        ("m", "model", "control.model", "Model", "Choose the model."),
        ("e", "effort", "control.effort", "Effort", "The next effort the model supports."),
        ("p", "plan", "control.plan", "Plan", "Plan Mode on or off."),
        ("f", "fast", "control.fast", "Fast", "Fast Mode on or off."),
        ("r", "permissions", "control.permissions", "Permissions", "What Codex may do, and when it asks."),
        ("o", "personality", "control.personality", "Persona", "How Codex talks."),
        ("h", "once", "control.once", "Holds", "Changes hold for the session, or for the next turn only."),
        ("s", "skills", "control.skills", "Skills", "Use a skill, or switch it on or off."),
        ("c", "mcp", "control.mcp", "MCP", "The MCP servers."),
        ("g", "goal", "control.goal", "Goal", "Set, pause or give up a goal."),
        ("v", "provider", "control.provider", "Provider", "Another model provider."),
        ("t", "preset", "preset.use", "Presets", "Take a preset."),
        ("u", "trust", "session.trust", "Trust", "Whether Codex may write in this repository."),
        ("d", "default", "control.make_default", "Default", "Make these the values of new sessions."),
    )
)
