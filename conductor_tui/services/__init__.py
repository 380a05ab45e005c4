"""Use cases: sessions, the connection that serves them, the workspace's git state, and what is kept between starts.

Knows nothing of Textual. State is written on the event loop's thread only.
"""
