"""Work that no request asks for: the daily close."""
