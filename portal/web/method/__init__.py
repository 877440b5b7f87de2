"""How a plan is paid: another bank account, another method, and what was not asked for stopped."""

from portal.web.method import ask, review, stop
from portal.web.method.desk import bp

__all__ = ["ask", "bp", "review", "stop"]
