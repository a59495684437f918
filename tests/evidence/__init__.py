"""How the rules do on verified pairs: releases with a defect, and the releases that mended it."""
