"""The composition root: the one place that knows which parts the program is made of."""

from contextlib import closing

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson09_file_storage.app import create_app
from lesson09_file_storage.files import Files
from lesson09_file_storage.settings import StoreSettings
from lesson09_file_storage.store import Store
from lesson09_file_storage.uploads import Uploads

settings = StoreSettings.from_environment()
configure_logging(settings)
with closing(Store(settings)) as store:
    files = Files(store, settings.url_seconds)
    uploads = Uploads(store, files, settings.upload_seconds, settings.orphan_seconds)
    serve(create_app(files, uploads), settings)
