"""The gateway: the only door, and one answer made of what several services know."""
