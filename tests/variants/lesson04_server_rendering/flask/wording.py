"""The words of the pages, in each language."""

WORDS = {
    "en": {
        "past": "To the content",
        "home": "All products",
        "add": "Add a product",
        "name": "Name",
        "price": "Price in euros",
        "bad_name": "1 to 200 characters, please.",
        "bad_price": "A number such as 12.50, please.",
        "earlier": "Earlier",
        "later": "Later",
        "sorry": "Sorry, that is not possible",
    },
    "es": {
        "past": "Ir al contenido",
        "home": "Todos los productos",
        "add": "Añadir un producto",
        "name": "Nombre",
        "price": "Precio en euros",
        "bad_name": "De 1 a 200 caracteres, por favor.",
        "bad_price": "Un número como 12,50, por favor.",
        "earlier": "Anteriores",
        "later": "Siguientes",
        "sorry": "Lo sentimos, no es posible",
    },
}
