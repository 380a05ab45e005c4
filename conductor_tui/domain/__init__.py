"""Data and pure rules: items, turns, approvals, events and the session projection.

No input or output, no asyncio; of packages only msgspec, whose structs cost a tenth of a dataclass at import.
Everything above may import it.
"""
