"""What the crawler reads from an answer: pages, links, feeds, YouTube; and when a site leads nowhere."""
