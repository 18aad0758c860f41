# make            this list
# Everything needs Go 1.26 and make; test also gcc (the race detector) and Debian packages, which it installs.

GO         ?= go
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
# Without cgo and the writer of manual pages the program starts a quarter faster.
BUILD       = CGO_ENABLED=0 $(GO) build -tags urfave_cli_no_docs -trimpath -ldflags '-s -w -X main.version=$(VERSION)'
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# One list of packages at a time: e2e builds and starts the program itself, and is not raced.
ALL   = $(shell $(GO) list ./...)
INNER = $(filter-out staleproof/e2e,$(ALL))

.PHONY: help build run test unit e2e conformance soak lint bench profile cross clean packages

help: ## show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

build: ## build ./staleproof
	$(BUILD) -o staleproof .

run: build ## build, and prove the site embedded in the program: versioned paths hold, query strings do not
	./staleproof prove

test: packages unit e2e ## install what the tests need, then run all of them

packages:
	.ci/packages

unit: ## unit, property and scenario tests, with the race detector
	$(GO) test -race -timeout 20m $(INNER)
	$(GO) test -run TestTierIsAnEdge ./scenarios/prove # 100,000 sequences: ten times as many as with the race detector

# Not cached: Go does not see that the program changed, since e2e imports nothing of it.
e2e: ## the built program with Apache, Django, nginx and curl around it
	$(GO) test -count=1 -timeout 25m ./e2e -ginkgo.no-color

conformance: ## run the tests, through both fronts, too, and write docs/CONFORMANCE.md: each row of the ledgers and its test
	$(GO) run ./e2e/conformance

soak: ## 20 minutes of mixed traffic (STALEPROOF_SOAK=20m), and 4 GiB through the edge; needs 5 GiB of disk
	STALEPROOF_SOAK=$(or $(STALEPROOF_SOAK),20m) $(GO) test -count=1 -timeout 24h ./e2e -ginkgo.no-color -ginkgo.label-filter soak -ginkgo.v

lint: ## gofmt, go vet, staticcheck, and the rules about who may import what
	@unformatted=$$(gofmt -l $$(find . -name .work -prune -o -name "*.go" -print)); if [ -n "$$unformatted" ]; then echo "not formatted; run: gofmt -w" $$unformatted >&2; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) test -run 'Import|Rule' ./...

bench: ## the benchmarks beside docs/bench/baseline.txt, and the table beside other servers where STALEPROOF_BENCH is
	.ci/bench

profile: ## run the benchmarks of what is hot, and write default.pgo, which every build reads
	.ci/bench profile

cross: ## build for linux/arm64, darwin/arm64 and windows/amd64 into dist/
	GOOS=linux GOARCH=arm64 $(BUILD) -o dist/staleproof-linux-arm64 .
	GOOS=darwin GOARCH=arm64 $(BUILD) -o dist/staleproof-darwin-arm64 .
	GOOS=windows GOARCH=amd64 $(BUILD) -o dist/staleproof-windows-amd64.exe .

clean: ## remove what build and cross have made
	rm -rf staleproof dist
