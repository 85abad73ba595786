"""Files are not rows: uploads that are bounded, judged by their content, and kept in a store that speaks S3.

What it gives to later lessons, each from the module where it is:

- ``settings.StoreSettings``: ``S3_ENDPOINT_URL``, ``S3_BUCKET`` and the usual ``AWS_*``; derive from it.
- ``store.Store(settings)``: a bucket, for threads; raises ``StoreGone``. ``errors.add_error_answers(app)`` makes a 503
  with ``Retry-After`` of that.
- ``forms.uploaded_file(request)``: the one file of a form, on disk, not in memory; ``forms.RoomForFiles`` lets it in.
- ``formats.media_type_of(content)`` and ``names.safe_name(name, media_type)``: what a file is, and what to call it.
- ``files.Files`` and ``uploads.Uploads``: files that are kept, and those that clients send to the store themselves.
"""
