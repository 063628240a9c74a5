"""Data other than HTML: PDF files, plain text, videos as YouTube describes them."""
