"""Paying: Direct Pay for who is signed in, its receipt, and the other ways."""

from portal.web.pay import changes, journey, ways
from portal.web.pay.ways import bp

__all__ = ["bp", "changes", "journey", "ways"]
