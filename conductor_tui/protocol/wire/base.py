"""The base of all shapes."""

from __future__ import annotations

import msgspec


class Wire(msgspec.Struct, rename="camel"):
    """A shape of the wire: camelCase names, every field optional, unknown fields ignored."""
