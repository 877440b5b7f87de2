"""Bank files as Nacha lays them out (docs/nacha.md): debits to the bank; returns and changes of accounts from it."""
