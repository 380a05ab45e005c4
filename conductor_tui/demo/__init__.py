"""A scripted model for the real Codex, and a throw-away repository to use it in.

Used by `conductor-tui demo`, the tests, the screenshots and the benchmarks, so that all of them see the same Codex.
A script is a function of the request that reached the model: threads, retries and restarts need no shared state.
"""
