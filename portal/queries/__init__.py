"""Looking: read-only, columns into frozen values shaped for who asks."""
