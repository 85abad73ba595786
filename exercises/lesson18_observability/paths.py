"""What those who run a process ask it: neither traced nor counted, because it is asked every few seconds."""

PROBES = ("/health", "/health/live", "/health/ready", "/metrics")
