"""From a document to images of its pages, and from recognised words back into the document."""
