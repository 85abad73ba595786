"""GraphQL: ask for exactly what you need.

Later lessons may build on ``app``.
"""
