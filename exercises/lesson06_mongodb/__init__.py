"""Documents: the shop's users in MongoDB, with one user an e-mail address and passwords that only go in.

What it gives to later lessons, each from the module where it is:

- ``settings.MongoSettings``: ``MONGODB_URL`` beside lesson03's settings; derive from it.
- ``database.Database(url, prepare)``: MongoDB, open as long as it is used as a context. ``async with
  database.reached() as mongo`` is pymongo's ``AsyncDatabase``, bounded in time; raises ``DatabaseGone``.
- ``users.prepare_users(mongo)``: makes the indexes; call it in a ``prepare`` of your own.
- ``users.Users(database)``: the users. ``credentials(email)`` is what a log-in needs, in whatever case it is typed.
  ``users.COLLECTION``, ``SEEN_BY_ALL``, ``object_id`` and ``user_of``: for questions of your own about them.
- ``passwords.hash_password`` and ``passwords.password_matches``: argon2id, in threads of their own; await both.
  ``passwords.hasher`` has the parameters.
- ``models``: ``User``, ``UserDraft``, ``UserChange``, ``Credentials``, ``Role``, and the types of their fields.
- ``errors.add_error_answers(app)``: 503 with ``Retry-After`` for ``DatabaseGone``, 409 for ``EmailTaken``;
  ``errors.unavailable`` is the former alone, and ``descriptions.TAKEN`` documents the latter.
- ``routes.router``: ``/api/users``, for an app with ``app.state.database``, which it opens, and ``app.state.users``.
- ``app.create_app(database)``: all of it as one app.
"""
