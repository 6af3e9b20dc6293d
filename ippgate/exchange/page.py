"""The gateway's own page about a printer: for a browser that follows printer-more-info."""

from __future__ import annotations

from html import escape

PAGE_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)
ICON_HEADERS = (
    ("Content-Type", "image/png"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "public, max-age=86400"),
)

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }}
body {{ max-width: 40rem; margin: 3rem auto; padding: 0 1rem }}
code {{ overflow-wrap: anywhere }}
</style>
<h1><img src="{prefix}/printers/{name}/icon.png" alt="" width="48" height="48"> {title}</h1>
{location}
<p>To print here, add a printer of type IPP with this address{how}:</p>
<p><code>{uri}</code></p>
<p>What you may print is decided for each person. If something is refused, the message of the
refusal says what to change.</p>
</html>
"""


_SIGN_IN = ", and sign in with your own name and password when your system asks"
_OWN = (
    ". It is your own: whoever knows it prints in your name, so give it to nobody, and have it "
    "revoked when a device is lost"
)


def printer_page(name: str, title: str, location: str | None, uri: str, prefix: str = "") -> bytes:
    """HTML in UTF-8. Every argument is text that may hold anything. ``prefix``: of the paths of a
    person's own address."""
    where = f"<p>{escape(location)}</p>" if location else ""
    page = _PAGE.format(
        name=escape(name),
        title=escape(title),
        location=where,
        uri=escape(uri),
        prefix=escape(prefix),
        how=_OWN if prefix else _SIGN_IN,
    )
    return page.encode()
