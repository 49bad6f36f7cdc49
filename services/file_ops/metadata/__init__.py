"""What a file says of itself and carries along: metadata, outline, attachments."""
