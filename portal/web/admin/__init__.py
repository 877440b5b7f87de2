"""For supervisors and administrators: how the portal is doing, who uses it, what it did, and by which rules."""

from portal.web.admin import bank, days, lines, overview, policy, trail, users
from portal.web.admin.desk import bp

__all__ = ["bank", "bp", "days", "lines", "overview", "policy", "trail", "users"]
