"""How rows become files: text, defects, files, and what is remembered of them."""
