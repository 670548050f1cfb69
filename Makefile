.PHONY: build test lint format engines clean

build:
	./harness --prepare-only

test: build
	swift test -c release --disable-testable-imports

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

engines:
	engines/install.sh

clean:
	rm -rf .build .engines
