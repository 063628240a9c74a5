"""MySQL: users, posts, followings, the outbox, targets, tokens, clicks, incidents."""
