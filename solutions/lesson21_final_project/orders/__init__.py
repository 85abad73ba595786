"""The service of orders: lesson05's stock and lesson17's outbox, and Socket.IO to tell people what happens."""
