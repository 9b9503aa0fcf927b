"""What the pages share: state, caches, layout, words and charts."""
