"""Commands on a session's controls, and the letters that run them in the controls pane."""

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
        "Next effort level the model supports.",
        ("ctrl+t",),
        aliases="thinking reasoning",
        hint="effort",
    ),
    Command(
        "control.plan",
        "Plan Mode",
        "Codex plans first: Plan Mode with a read-only sandbox.",
        ("shift+tab",),
        aliases="mode",
        hint="plan",
    ),
    Command(
        "control.fast",
        "Fast Mode",
        "Faster answers for more credits, where the model has a fast tier.",
        ("ctrl+f",),
        aliases="speed tier",
    ),
    Command(
        "control.permissions",
        "Permissions",
        "Choose the sandbox and when Codex asks.",
        (),
        aliases="sandbox approvals approval policy full access read-only",
    ),
    Command(
        "control.once",
        "Change for next turn only",
        "Settings you change now apply to one turn, then return.",
        (),
    ),
    Command(
        "control.personality",
        "Personality",
        "How Codex talks, if the model and Codex version support it.",
        (),
    ),
    Command(
        "control.skills",
        "Skills",
        "Insert a skill into the prompt, or turn skills on and off.",
        (),
    ),
    Command(
        "control.mcp",
        "MCP servers",
        "MCP server status, tools and sign-in.",
        (),
        aliases="tools",
    ),
    Command(
        "control.goal",
        "Goal",
        "Set, pause or clear a goal that Codex works on across turns.",
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
        "Save this session's model, effort and Fast Mode, or its permissions, in config.toml for new sessions.",
        (),
    ),
    Command(
        "preset.use",
        "Presets",
        "Apply a preset (also works as `codex -p NAME`).",
        ("ctrl+x",),
        aliases="profile",
    ),
    Command(
        "preset.save",
        "Save as preset",
        "Save the current settings as a preset.",
        (),
        aliases="profile",
    ),
    Command("preset.rename", "Rename preset", "Rename a preset.", ()),
    Command("preset.delete", "Delete preset", "Delete a preset's file.", ()),
)
CONTROL_LETTERS = tuple(
    Command(f"controls.{name}", title, text, (key,), Pane.CONTROLS, action=f"run('{runs}')", runs=runs)
    for key, name, runs, title, text in (
        ("m", "model", "control.model", "Model", "Choose the model."),
        ("e", "effort", "control.effort", "Effort", "Next effort level the model supports."),
        ("p", "plan", "control.plan", "Plan", "Turn Plan Mode on or off."),
        ("f", "fast", "control.fast", "Fast", "Turn Fast Mode on or off."),
        ("a", "permissions", "control.permissions", "Permissions", "Choose the sandbox and when Codex asks."),
        ("r", "personality", "control.personality", "Personality", "How Codex talks."),
        ("o", "once", "control.once", "Scope", "Apply changes to the session, or to the next turn only."),
        ("s", "skills", "control.skills", "Skills", "Insert a skill, or turn it on or off."),
        ("c", "mcp", "control.mcp", "MCP", "MCP server status, tools and sign-in."),
        ("g", "goal", "control.goal", "Goal", "Set, pause or clear a goal."),
        ("v", "provider", "control.provider", "Provider", "Start a session with another model provider."),
        ("t", "preset", "preset.use", "Presets", "Apply a preset."),
        ("u", "trust", "session.trust", "Trust", "Trust this repository, or stop trusting it."),
        ("d", "default", "control.make_default", "Default", "Save these settings for new sessions."),
    )
)
