"""What the operations of this service take: options and declarations, nothing heavy."""
