"""Recognition: ours against ocrmypdf and plain Tesseract, on pages whose true text is known."""
