"""What happens in the shop, and who wants to know."""

from lesson17_events_and_sagas.bus import Subscription

ORDER_CREATED = "pedido_creado"
ORDER_SENT = "pedido_enviado"
USER_DELETED = "usuario_eliminado"

OF_ORDERS = Subscription("orders", (ORDER_SENT, USER_DELETED))
# Whoever publishes makes the queues too: what is published before a consumer was first there waits for it.
ALL = (OF_ORDERS,)
