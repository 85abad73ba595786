"""From the schema to what answers it: a function for each field that no key of a dictionary has ready."""

from pathlib import Path
from typing import Any

from ariadne import MutationType, ObjectType, QueryType, load_schema_from_path, make_executable_schema
from graphql import GraphQLResolveInfo, GraphQLSchema

from lesson21_final_project.gateway.context import Context
from lesson21_final_project.gateway.shop import Found

Info = GraphQLResolveInfo[Context]

SCHEMA = Path(__file__).with_name("schema.graphql")
# What the services call by another name.
NAMES = {
    "Pedido": {"creado": "createdAt", "usuarioId": "userId"},
    "Producto": {"nombre": "name", "precio": "price"},
    "Sesion": {"usuario": "user"},
}

query = QueryType()
mutation = MutationType()
usuario_type = ObjectType("Usuario")


@query.field("yo")
async def yo(_: None, info: Info) -> Found | None:
    """Whoever asks."""
    # --8<-- [start:gateway]
    return await info.context.shop.user(info.context.shop.visitor().sub)
    # --8<-- [end:gateway]


@query.field("usuario")
async def usuario(_: None, info: Info, *, id: str) -> Found | None:  # noqa: A002 - the schema's name
    """One user."""
    # --8<-- [start:gateway]
    return await info.context.shop.user(id)
    # --8<-- [end:gateway]


@query.field("usuarios")
async def usuarios(_: None, info: Info, *, first: int = 20, after: str | None = None) -> list[Found]:
    """A page of users."""
    # --8<-- [start:gateway]
    return await info.context.shop.users(first, after)
    # --8<-- [end:gateway]


@query.field("productos")
async def productos(_: None, info: Info) -> list[Found]:
    """What can be ordered."""
    # --8<-- [start:gateway]
    return await info.context.shop.products()
    # --8<-- [end:gateway]


@query.field("pedido")
async def pedido(_: None, info: Info, *, id: str) -> Found | None:  # noqa: A002 - the schema's name
    """One order."""
    # --8<-- [start:gateway]
    return await info.context.shop.order(id)
    # --8<-- [end:gateway]


@usuario_type.field("pedidos")
async def pedidos(user: Found, info: Info) -> list[Found]:
    """What a user has ordered."""
    # --8<-- [start:gateway]
    return await info.context.orders_of(user)
    # --8<-- [end:gateway]


@mutation.field("registrar")
async def registrar(_: None, info: Info, *, email: str, password: str) -> Found:
    """Become a customer."""
    # --8<-- [start:gateway]
    return await info.context.shop.register(email, password)
    # --8<-- [end:gateway]


@mutation.field("iniciarSesion")
async def iniciar_sesion(_: None, info: Info, *, email: str, password: str) -> Found:
    """Log in."""
    # --8<-- [start:gateway]
    return await info.context.shop.log_in(email, password)
    # --8<-- [end:gateway]


@mutation.field("crearPedido")
async def crear_pedido(_: None, info: Info, *, lineas: list[dict[str, Any]], clave: str | None = None) -> Found:
    """Order something."""
    # --8<-- [start:gateway]
    return await info.context.shop.place(lineas, clave)
    # --8<-- [end:gateway]


@mutation.field("enviarPedido")
async def enviar_pedido(_: None, info: Info, *, id: str) -> bool:  # noqa: A002 - the schema's name
    """Ship an order."""
    # --8<-- [start:gateway]
    await info.context.shop.ship(id)
    return True
    # --8<-- [end:gateway]


@mutation.field("eliminarUsuario")
async def eliminar_usuario(_: None, info: Info, *, id: str) -> bool:  # noqa: A002 - the schema's name
    """Delete a user."""
    # --8<-- [start:gateway]
    return await info.context.shop.remove_user(id)
    # --8<-- [end:gateway]


def executable_schema() -> GraphQLSchema:
    """The schema with its resolvers."""
    named = [ObjectType(name) for name in NAMES]
    for kind in named:
        for field, key in NAMES[kind.name].items():
            kind.set_alias(field, key)
    return make_executable_schema(load_schema_from_path(SCHEMA), query, mutation, usuario_type, *named)
