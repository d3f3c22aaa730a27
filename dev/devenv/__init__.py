"""The developer environment of the addon: Python standard library only."""
