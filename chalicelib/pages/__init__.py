"""The web pages: their HTML, scripts and styles, and how these become files with hashed names."""
