"""The app of lesson03 over PostgreSQL, with stock and orders."""

from fastapi import FastAPI

from lesson03_middleware_logging import app as lesson03
from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import add_error_answers
from lesson05_postgresql.orders import Orders
from lesson05_postgresql.products import Products
from lesson05_postgresql.routes import router


def add_stock_and_orders(app: FastAPI, database: Database) -> None:
    """Give an app over ``Products`` their stock and orders; the database is opened and closed with the app."""
    app.state.database = database
    app.state.orders = Orders(database)
    app.include_router(router)
    add_error_answers(app)


def create_app(database: Database) -> FastAPI:
    """The shop's API over a database."""
    app = lesson03.create_app(Products(database))
    add_stock_and_orders(app, database)
    return app
