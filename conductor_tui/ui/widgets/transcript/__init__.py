"""The transcript: one virtual view over the session's projection."""
