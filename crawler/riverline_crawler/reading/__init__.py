"""What the crawler reads from an answer: pages, links, feeds, YouTube; session ids and spider traps."""
