"""What kind of browser it is, as its owner would say it, and nothing by which one could be told from another."""

NAMES = {
    "Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "FxiOS/": "Firefox", "CriOS/": "Chrome",
    "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "CrOS": "Chromebook",
    "Mac OS": "Mac", "Linux": "Linux",
}  # fmt: skip


def kind_of(user_agent: str) -> str:
    """“Firefox, Windows”; empty if neither is known."""
    found = (next((name for mark, name in kinds.items() if mark in user_agent), "") for kinds in (NAMES, SYSTEMS))
    return ", ".join(name for name in found if name)
