"""Data and pure rules: items, turns, approvals, events and the session projection.

Standard library only; no input or output, no asyncio. Everything above may import it.
"""
