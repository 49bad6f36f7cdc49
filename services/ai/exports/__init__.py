"""The figures of an extraction as files: for programs, spreadsheets and banks."""
