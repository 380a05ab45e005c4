"""How one item follows from another: growth by deltas, completion, interruption. Pure functions."""

from __future__ import annotations

from msgspec.structs import replace

from conductor_tui.domain.events import TextAppended, TextKind
from conductor_tui.domain.items import (
    AgentMessage,
    CommandRun,
    FileChange,
    Item,
    ItemStatus,
    PlanText,
    Reasoning,
)

LIVE_OUTPUT_LIMIT = 1 << 20
"""Characters of live output kept; the completed item brings Codex's own record of it."""


def item_for_delta(event: TextAppended) -> Item:
    """An empty open item of the kind that the delta belongs to.

    Needed after a reattach: a message that was half written is not in the resumed turn, only its further deltas are.
    """
    match event.kind:
        case TextKind.MESSAGE:
            return AgentMessage(event.item_id, event.turn_id, ItemStatus.IN_PROGRESS)
        case TextKind.PLAN:
            return PlanText(event.item_id, event.turn_id, ItemStatus.IN_PROGRESS)
        case TextKind.COMMAND_OUTPUT:
            return CommandRun(event.item_id, event.turn_id, ItemStatus.IN_PROGRESS)
        case _:
            return Reasoning(event.item_id, event.turn_id, ItemStatus.IN_PROGRESS)


def grown(item: Item, event: TextAppended) -> Item:
    """The item with the delta's text; the item itself where the two do not fit or the item is complete."""
    match item:
        case AgentMessage() | PlanText() if item.is_open:
            return replace(item, text=item.text + event.text)
        case CommandRun() if event.kind is TextKind.COMMAND_OUTPUT and item.exit_code is None:
            return replace(item, output=_capped(item.output + event.text))
        case Reasoning() if item.is_open and event.kind is TextKind.REASONING_SUMMARY:
            return replace(item, summary=_part_grown(item.summary, event.index, event.text))
        case Reasoning() if item.is_open:
            return replace(item, content=_part_grown(item.content, event.index, event.text))
    return item


def _part_grown(parts: tuple[str, ...], index: int, text: str) -> tuple[str, ...]:
    """Parts come in order: an index beyond the next one, whatever it is, begins the next."""
    at = min(max(index, 0), len(parts))
    grown_ = [*parts, ""] if at == len(parts) else list(parts)
    grown_[at] += text
    return tuple(grown_)


def _capped(output: str) -> str:
    if len(output) <= LIVE_OUTPUT_LIMIT + LIVE_OUTPUT_LIMIT // 4:
        return output
    return "… earlier output is left out while the command runs …\n" + output[-LIVE_OUTPUT_LIMIT:]


def started(known: Item | None, item: Item) -> Item:
    """What stands after `item/started`: it may come after the first deltas, and even after the completion."""
    if known is None:
        return item
    if not known.is_open:
        return known
    match known, item:
        case AgentMessage(), AgentMessage():
            return replace(item, text=max(known.text, item.text, key=len))
        case PlanText(), PlanText():
            return replace(item, text=max(known.text, item.text, key=len))
        case Reasoning(), Reasoning():
            return replace(item, summary=known.summary or item.summary, content=known.content or item.content)
        case CommandRun(), CommandRun():
            return replace(item, output=item.output or known.output, typed=known.typed)
        case FileChange(), FileChange():
            return replace(item, patches=item.patches or known.patches)
    return item


def completed(known: Item | None, item: Item) -> Item:
    """What stands after `item/completed`: Codex's record wins over what the deltas built.

    Kept from the live item is only what the record never has: what was typed into a program, and output of a
    command whose record has none.
    """
    if isinstance(item, CommandRun) and isinstance(known, CommandRun):
        return replace(
            item,
            output=item.output or known.output,
            typed=known.typed or item.typed,
            command=item.command or known.command,
            raw_command=item.raw_command or known.raw_command,
        )
    return item


def left_over(item: Item, *, turn_failed: bool) -> Item:
    """An item that its finished turn never completed.

    A command may go on in the background of a turn that ended well, so it stays open; all else was interrupted.
    """
    if not item.is_open or (isinstance(item, CommandRun) and not turn_failed):
        return item
    return replace(item, status=ItemStatus.INTERRUPTED)
