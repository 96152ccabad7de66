"""``python -m harness`` is ``sensorbench``, also where the package is not installed."""

from harness.entry import main

if __name__ == "__main__":
    main()
