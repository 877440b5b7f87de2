"""The rules of installment agreements, tested as pure functions: no clock, no database."""
