"""The sliders: widgets that show at once what a number does. One file an explorer."""
