"""Pages as PDF files, where WeasyPrint is installed (the extra `pdf`); everywhere else the browser prints."""

from functools import cache
from importlib.util import find_spec
from typing import Any

from flask import Response, current_app

from portal.office import office


@cache
def is_available() -> bool:
    """WeasyPrint and the libraries that it needs are on this machine."""
    if find_spec("weasyprint") is None:
        return False
    try:
        import weasyprint  # noqa: F401  (the attempt is the answer: Pango may be missing)
    except OSError:
        return False
    return True


def file_of(page: Response, name: str) -> Response:
    """The page as it is printed, as a file of this name: tagged, so that it can be read aloud (PDF/UA)."""
    import weasyprint

    document = weasyprint.HTML(string=page.get_data(as_text=True), url_fetcher=_nothing)
    content = document.write_pdf(stylesheets=[_style()], pdf_variant="pdf/ua-1")
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _style() -> Any:
    import weasyprint

    address_of: Any = current_app.jinja_env.globals["static"]
    css = (office().settings.instance / address_of("site.css").removeprefix("/")).read_text(encoding="utf-8")
    return weasyprint.CSS(string=css, url_fetcher=_nothing)


def _nothing(_address: str, *_options: Any, **_more: Any) -> dict[str, Any]:
    """A page brings no file from anywhere: what it refers to is left out."""
    return {"string": b"", "mime_type": "text/plain"}
