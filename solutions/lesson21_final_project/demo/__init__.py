"""The story of the whole system, told by `taller demo`: it talks to the gateway as a person's browser does."""
