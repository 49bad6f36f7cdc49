"""Bank statements, trial balances, invoices and receipts made by seed, with the exact truth beside them."""
