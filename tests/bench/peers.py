"""The proxies that stand beside the gate in a benchmark, and the printer behind them all."""

from __future__ import annotations

import shutil
from pathlib import Path

_PACKAGES = {"apache2": "apache2", "nginx": "nginx-light", "wrk": "wrk", "curl": "curl"}

NGINX = """
daemon off; master_process off; error_log stderr; pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 600;
  client_body_temp_path {folder}/n1; proxy_temp_path {folder}/n2; fastcgi_temp_path {folder}/n3;
  uwsgi_temp_path {folder}/n4; scgi_temp_path {folder}/n5;
  server {{
    listen 127.0.0.1:{port};
    error_page 405 =200 /reply.ipp;
    location / {{ root {folder}/www; default_type application/ipp; rewrite ^ /reply.ipp break; }}
    location = /reply.ipp {{ root {folder}/www; default_type application/ipp; }}
  }}
}}
"""

APACHE = """
ServerRoot {folder}
PidFile {folder}/apache.pid
ServerName localhost
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule auth_basic_module {modules}/mod_auth_basic.so
LoadModule ldap_module {modules}/mod_ldap.so
LoadModule authnz_ldap_module {modules}/mod_authnz_ldap.so
LoadModule socache_shmcb_module {modules}/mod_socache_shmcb.so
LoadModule ssl_module {modules}/mod_ssl.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
ErrorLog {folder}/apache.log
LogFormat "%t %a %u %r %>s %O %D" trail
CustomLog {folder}/apache-access.log trail
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
SSLEngine on
SSLCertificateFile {certificate}
SSLCertificateKeyFile {key}
SSLProtocol -all +TLSv1.2 +TLSv1.3
SSLSessionCache shmcb:{folder}/ssl(512000)
LDAPSharedCacheSize 500000
LDAPCacheTTL 600
User www-data
Group www-data
<Location "/">
  AuthType Basic
  AuthName Printing
  AuthBasicProvider ldap
  AuthLDAPURL "{ldap_url}"
  AuthLDAPBindDN "{bind_dn}"
  AuthLDAPBindPassword "{bind_password}"
  Require valid-user
  RequestHeader unset Authorization
  ProxyPass "http://127.0.0.1:{printer_port}/" keepalive=On
</Location>
"""

WRK = """
local file = io.open("{body}", "rb")
wrk.method = "POST"
wrk.body = file:read("*all")
wrk.headers["Content-Type"] = "application/ipp"
wrk.headers["Authorization"] = "Basic {credentials}"
"""


def require_peers() -> None:
    """Ends the program, and says what to install, when a peer is missing."""
    missing = [package for program, package in _PACKAGES.items() if shutil.which(program) is None]
    if missing:
        raise SystemExit(f"not installed: apt install {' '.join(missing)}")


def written(folder: Path, name: str, template: str, **values: object) -> Path:
    """A configuration file from a template above."""
    path = folder / name
    path.write_text(template.format(folder=folder, **values))
    return path
