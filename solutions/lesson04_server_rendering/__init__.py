"""HTML from the server: a storefront for people beside the API for programs.

What it gives to later lessons, each from the module where it is:

- ``app.create_app(products, secret)``: lesson03's app over any repository, with the pages.
- ``settings.PageSettings``: lesson03's settings and ``SESSION_SECRET``; derive from it.
- ``rendering.page(request, template, ...)``: a page in the reader's language, with the headers that every page has.
- ``caching.conditional(request, answer)``: the answer with an ETag, or 304.
- ``languages.choose(header)`` and ``prices.format_price(price, language)``.
- ``csrf.token_of(session, secret)`` and ``csrf.is_genuine(...)``.
"""
