from browser import browser as browser  # the fixture that all tests of pages share
