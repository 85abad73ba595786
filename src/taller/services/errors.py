"""What can go wrong with a service."""


class ServiceError(Exception):
    """A service cannot do what was asked of it; the message says what and why."""


class ServiceUnavailable(ServiceError):
    """This machine cannot have a service in any way that was tried.

    ``remedy`` is the one command that would mend it.
    """

    def __init__(self, service: str, reason: str, remedy: str) -> None:
        super().__init__(f"{service} cannot be had: {reason}\nTo mend it: {remedy}")
        self.service = service
        self.reason = reason
        self.remedy = remedy


class Cancelled(ServiceError):
    """Starting was given up because another server failed or the user interrupted."""
