"""What nginx is told: who answers what.

https://nginx.org/en/docs/http/ngx_http_upstream_module.html, https://nginx.org/en/docs/http/ngx_http_proxy_module.html
"""

import os
from collections.abc import Sequence

from lesson19_processes_and_scaling.places import Places
from lesson19_processes_and_scaling.settings import RunSettings

NOBODY = '{"type":"about:blank","title":"Bad Gateway","status":502,"detail":"no worker has answered"}'


def write_nginx(places: Places, settings: RunSettings, workers: Sequence[str]) -> None:
    """Write all that nginx reads."""
    write_upstream(places, workers)
    # As root it would open the sockets as somebody else, who may not.
    user = "user root;" if os.geteuid() == 0 else ""
    places.nginx_conf.write_text(
        f"""
daemon off;
{user}
pid {places.folder}/nginx.pid;
# That a worker is away is no news, and it would be told of every request.
error_log stderr alert;
events {{ worker_connections 480; }}
http {{
    include {places.upstream_conf};
    access_log off;
    server {{
        listen {settings.host}:{settings.port};
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header Connection close;
        error_page 502 @nobody;
        location / {{ proxy_pass http://workers; }}
        location /manage/ {{
            proxy_pass http://unix:{places.socket("manager")}:;
            # A reload takes as long as the slowest request of each worker.
            proxy_read_timeout 600s;
        }}
        location @nobody {{
            default_type application/problem+json;
            return 502 '{NOBODY}';
        }}
    }}
}}
""",
        encoding="utf-8",
    )


def write_upstream(places: Places, workers: Sequence[str]) -> None:
    """Write the part that says which workers there are."""
    # starter: lines = [f"server unix:{places.socket(workers[0])};"]
    # --8<-- [start:balance]
    lines = ["least_conn;", *(f"server unix:{places.socket(name)} max_fails=0;" for name in workers)]
    # --8<-- [end:balance]
    # A request on an old connection and the worker's goodbye may cross; on a new one they cannot.
    text = "\n".join(["upstream workers {", *lines, "keepalive 0;", "}"])
    places.upstream_conf.write_text(text, encoding="utf-8")
