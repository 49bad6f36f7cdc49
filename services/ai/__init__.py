"""The AI service: figures read from documents, checked, with the place that each came from."""
