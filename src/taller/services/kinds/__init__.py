"""One module per service. Adding a file here adds a service."""
