TITLE = "a book"
