"""Where examples come from: pinned sources, file formats and splits."""
