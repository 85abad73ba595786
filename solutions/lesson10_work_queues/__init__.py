"""Work queues: tasks that are taken now and done later, but surely.

What later lessons build on is given away here.
"""

from lesson10_work_queues.connection import keep_connected
from lesson10_work_queues.link import BrokerUnavailable, Link
from lesson10_work_queues.messages import Message
from lesson10_work_queues.settings import QueueSettings

__all__ = ["BrokerUnavailable", "Link", "Message", "QueueSettings", "keep_connected"]
