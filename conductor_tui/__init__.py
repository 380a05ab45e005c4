"""conductor-tui: Codex in a full-screen terminal. This module owns the version and imports nothing."""

__version__ = "0.1.0"
