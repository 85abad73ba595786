"""What the docs site shows beyond Markdown: stored notebook cells, and what a lesson's manifest says."""
