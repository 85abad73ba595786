"""The methods of notifications.proto, as Python names them.

After a change of the .proto make its code anew, in the folder above this one:
python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. lesson16_rpc_and_transports/notifications.proto
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from lesson16_rpc_and_transports import notifications_pb2
from lesson16_rpc_and_transports.notifications_pb2 import (
    GetNotificationRequest,
    Notification,
    SendNotificationRequest,
)

Q = TypeVar("Q", bound=Message)
R = TypeVar("R", bound=Message)


@dataclass(frozen=True)
class Method(Generic[Q, R]):
    """What can be called: ``name`` is SERVICE/METHOD, as gRPC writes it."""

    name: str
    request: type[Q]
    response: type[R]


SERVICE = notifications_pb2.DESCRIPTOR.services_by_name["NotificationService"].full_name
SEND = Method(f"{SERVICE}/SendNotification", SendNotificationRequest, Notification)
GET = Method(f"{SERVICE}/GetNotification", GetNotificationRequest, Notification)
NAMES = frozenset({SEND.name, GET.name})
