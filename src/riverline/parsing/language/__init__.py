"""A text's language, region and scripts, and the form in which texts are compared."""
