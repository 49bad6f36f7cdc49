"""What figures, dates, labels and tables look like on a page, whatever the kind of document."""
