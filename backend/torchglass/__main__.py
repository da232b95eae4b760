"""``python -m torchglass``."""

from torchglass.cli import main

if __name__ == "__main__":
    main()
