"""The screen: the only package that imports Textual and Rich. A window onto the sessions; keys flow down as intents."""
