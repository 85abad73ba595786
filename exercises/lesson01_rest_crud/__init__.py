"""A REST API from nothing: products that can be listed, created, read, replaced, patched and deleted.

What later lessons build on is given away here.
"""

from lesson01_rest_crud.app import LARGEST_BODY, create_app
from lesson01_rest_crud.errors import Refusal, bad_input
from lesson01_rest_crud.methods import add_method_rules
from lesson01_rest_crud.models import Price, Product, ProductChanges, ProductDraft
from lesson01_rest_crud.repository import MemoryProducts, ProductRepository
from lesson01_rest_crud.serving import serve
from lesson01_rest_crud.settings import Environment, Settings

__all__ = [
    "LARGEST_BODY",
    "Environment",
    "MemoryProducts",
    "Price",
    "Product",
    "ProductChanges",
    "ProductDraft",
    "ProductRepository",
    "Refusal",
    "Settings",
    "add_method_rules",
    "bad_input",
    "create_app",
    "serve",
]
