"""Pictures: each file draws one kind, as SVG whose colours are the page's own. matplotlib is loaded on first use."""
