"""`python -m twokey` is the same program as `twokey`."""

from twokey.cli import main

if __name__ == "__main__":
    main()
