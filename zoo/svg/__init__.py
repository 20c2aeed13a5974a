"""SVG figures: axes, panels, the document around them, and one palette.

They are written by hand: importing a plotting library takes longer than a training.
"""
