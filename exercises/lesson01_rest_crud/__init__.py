"""A REST API from nothing: products that can be listed, created, read, replaced, patched and deleted.

What later lessons build on is given away here.
"""

from lesson01_rest_crud.app import create_app
from lesson01_rest_crud.methods import add_method_rules
from lesson01_rest_crud.models import Price, Product, ProductChanges, ProductDraft
from lesson01_rest_crud.repository import MemoryProducts, ProductRepository
from lesson01_rest_crud.serving import serve
from lesson01_rest_crud.settings import Settings

__all__ = [
    "MemoryProducts",
    "Price",
    "Product",
    "ProductChanges",
    "ProductDraft",
    "ProductRepository",
    "Settings",
    "add_method_rules",
    "create_app",
    "serve",
]
