"""Screenshots of every view and state of the page, for the documents and for a designer's eye."""
