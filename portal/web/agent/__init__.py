"""The agent's desk: finding the caller, and one taxpayer at a glance."""

from portal.web.agent import oversight, search, support, taxpayer
from portal.web.agent.desk import bp

__all__ = ["bp", "oversight", "search", "support", "taxpayer"]
