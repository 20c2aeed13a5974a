"""The constants of image reading and normalization, for all three implementations.

zoo/data/images imports this file, `zoo bundle` packs it with zoo/bundle/app, and `zoo demo` embeds
its values into the page. So it imports nothing, and runs on Python 3.9.
"""

# ---- files
MAX_BYTES = 64_000_000
MAX_PIXELS = 36_000_000  # all of an image is decoded, at four bytes per pixel
MAX_LENGTH = 60_000  # pixels of a side that a file declares; a row has a cost of its own
MAX_SIDE = 1200  # pixels of the longer side; a larger image is averaged down

# ---- the form of the training data
MNIST = (28, 28)
BOX = 20  # the longer side of every digit of MNIST
MIDDLE = 14  # the pixel of its centre of mass, counted from 0
DIGITS = (8, 8)
WHITE = 16  # the maximum of a pixel of the digits

# ---- transparency
MIN_INK_SHARE = 0.005  # of the pixels of a sheet with a drawing
MIN_SHEET_SHARE = 0.6  # of the pixels of its bounding box

# ---- grey values
SAME_GREY = 0.03  # the maximum difference of two grey values that count as the same
DIFFERENT_GREY = 0.2  # the minimum difference of two that do not
GREY_BINS = 64  # the most frequent grey value is the median of those around the fullest bin
MIN_CONTRAST = 0.04  # a smaller difference from the background is not ink
OTSU_BINS = 255  # for the threshold between background and ink
FULL_STRENGTH = 90  # the percentile of the ink that counts as full strength
HALF = 0.5  # the minimum strength within a stroke
BOX_THRESHOLD = 0.2  # the minimum strength within the bounding box, including soft edges

# ---- the background
MAX_FRAME = 6  # a frame is at most one part in 6 of the shorter side wide
MIN_FRAMED = 8  # pixels within a frame
FRAME_WIDTHS = 8  # the number of widths that are tried
MIN_FRAMED_SHARE = 0.97  # of the pixels just within a frame that have one shade
MIN_FRAME_SHARE = 0.9  # of the pixels of its outer edge that have another one
MIN_EVEN_SHARE = 0.6  # of the pixels at the edge that have one shade, if the lighting is even
SEVERAL_SHADES = 0.2  # the minimum ratio of light to dark ink, or of dark to light
GRID = 96  # cells along the longer side for estimating the lighting
WINDOW = 27  # cells; wider than a stroke, narrower than a shadow
TINY = 16  # pixels; in smaller images neighbours differ because of the drawing, not of noise
MEDIAN_DIFFERENCE = 0.95  # half of all neighbours differ by more than this many deviations of noise
MIN_SIGNAL = 4  # standard deviations of the noise; a smaller difference is not ink

# ---- components
FINE_GRID = 240  # cells along the longer side for finding components
MIN_EXTENT = 0.25  # share of the longer side that a component needs if others touch the edges
NEAR = 0.3  # of the main component's longer side; the maximum gap between the two
# A component is kept if it has this share of the cells of the main one, near it and far from it.
MIN_NEAR = 0.03
MIN_FAR = 0.3

# ---- strokes
# Strokes within this range are left unchanged: wider strokes, too, are read better when thinned.
STROKE_WIDTH_RANGE = (1.7, 3.3)
TARGET_STROKE_WIDTH = 2.7  # the mean width of MNIST's strokes
MAX_STROKE_SHARE = 0.9  # of the box, that a stroke is taken to fill
FINE = 6  # pixels of a redrawn stroke per pixel of MNIST
ENLARGED_INK = 0.45  # the minimum strength within a stroke after enlarging
SHRUNK_INK = 0.4  # the minimum strength of ink that sets its pixel when shrinking
BLOB = 1.3  # times the usual distance from the edge; ink beyond it has filled a loop
# The slope of the distance from the edge: 1 across a stroke, 0.7 into a corner, 0 along it.
SLOPE = 0.45
SLOPE_STEPS = ((0, 2), (2, 0), (2, 2), (2, -2), (0, 1), (1, 0))  # (down, right), to measure it

# ---- the bitmaps of the digits
# The box that the digits filled as bitmaps, before their pixels were counted in blocks.
BITMAP_HEIGHT = 32
BITMAP_WIDTH = 20
# The mean number of set pixels of a 32 x 32 bitmap, for 1 as well as 8: strokes were adjusted.
MEAN_SET_PIXELS = 312
SET_PIXELS_TOLERANCE = 90  # a bitmap with a larger difference gets its strokes redrawn
MAX_STRETCH = 1.2  # how much a narrow bitmap is widened
FINE_BIT = 4  # pixels of a redrawn stroke per pixel of a bitmap
REDRAWINGS = 3  # the redrawn strokes overlap more or less than the old ones
LENGTH_CORRECTION = 0.7  # of the difference from the mean, after each redrawing
BITMAP_STROKE_RANGE = (2, 10)
MAX_BITMAP_STROKE_SHARE = 0.6  # of the height
GROWTH_RANGE = (0.3, 2)  # of the width, when the strokes get another width
SLANT_BANDS = 16  # the first and last of these bands show where the highest and lowest rows begin
MAX_SLANT = 1.2  # columns per row
