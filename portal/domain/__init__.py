"""The rules of installment agreements: values in, a value out. No clock, no database, no package but itself."""
