"""The way from Textual's updates to bytes: only what changed, in the shortest form, at a pace the line can take."""
