"""What the build step assembled: git-ignored, shipped inside the wheel."""
