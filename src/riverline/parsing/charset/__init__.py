"""From bytes to text: the media type, the charset that is declared, the one that the bytes show."""
