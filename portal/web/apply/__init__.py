"""Applying for a plan: one question to a page, a review, a signature, and the decision at once."""

from portal.web.apply import decision, hardship, journey, signing
from portal.web.apply.journey import bp

__all__ = ["bp", "decision", "hardship", "journey", "signing"]
