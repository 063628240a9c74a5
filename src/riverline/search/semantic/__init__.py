"""What texts mean, as vectors: made beside the index, and used to order the first results anew."""
