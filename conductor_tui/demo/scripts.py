"""Ways to write a script: by a word of the user's message, and as a story of several replies.

A script is a function from a request to a reply. A story is a generator that yields replies and receives the
results of their tool calls; it is told from the start for every request, so it needs no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import TypeAlias

from conductor_tui.demo.requests import Request, ToolResult
from conductor_tui.demo.steps import Message, Reply, tool_calls

Script: TypeAlias = Callable[[Request], Reply]
Telling: TypeAlias = Generator[Reply, tuple[ToolResult, ...], None]
Story: TypeAlias = Callable[[Request], Telling]


def tell(story: Story, request: Request) -> Reply:
    """The reply of the story that fits the results the request brings; a plain closing word when it is over."""
    telling = story(request)
    results = request.results
    try:
        reply = next(telling)
        while results and (wanted := tool_calls(reply)):
            brought, results = results[:wanted], results[wanted:]
            reply = telling.send(brought)
    except StopIteration:
        return [Message("Done.")]
    finally:
        telling.close()
    return reply


class ByWord:
    """Answers by the first word that stands in the user's newest message, whatever its case."""

    def __init__(self, replies: Mapping[str, Reply | Story], default: Reply | Story) -> None:
        self._replies = {word.lower(): reply for word, reply in replies.items()}
        self._default = default

    def __call__(self, request: Request) -> Reply:
        said = request.user_text.lower()
        found = next((reply for word, reply in self._replies.items() if word in said), self._default)
        return tell(found, request) if callable(found) else found
