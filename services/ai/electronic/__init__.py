"""Machine-readable invoices: inside a PDF or plain, in the syntaxes of EN 16931."""
