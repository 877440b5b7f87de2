"""Headers of every answer: what a browser may load, keep and tell."""

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'",
        "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "object-src 'none'",
        "frame-ancestors 'none'",
    )
)  # fmt: skip

ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language, HX-Request-Type, HX-Target",
}
A_YEAR_SECONDS = 31_536_000


def begin(app: Flask) -> None:
    always = list(ALWAYS.items())
    if app.extensions["office"].settings.is_secure:
        always.append(("Strict-Transport-Security", f"max-age={A_YEAR_SECONDS}"))

    @app.after_request
    def guarded(response: Response) -> Response:
        response.headers.extend(always)
        # What carries an ETag may be kept by whom it was sent to, and is asked for again each time.
        if "ETag" in response.headers:
            response.headers["Cache-Control"] = "private, no-cache"
        if request.endpoint == "sign_in.end":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
