"""The service of users: lesson06's documents and lesson07's accounts, for the gateway."""
