"""The app's own settings and where its files are."""
