package command

import (
	"bytes"
	"testing"

	"staleproof/scenarios/prove"
)

// TestProgress: finished deploys are told by tenths, and one that takes long every
// half million worlds.
func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, 2)
	p.show(0, prove.Progress{Deploy: "a", States: 400_000, Depth: 7})
	p.show(0, prove.Progress{Deploy: "a", States: 600_000, Depth: 9})
	p.show(0, prove.Progress{Deploy: "a", States: 700_000, Depth: 9})
	p.show(1, prove.Progress{Deploy: "a", Done: 1})
	p.show(2, prove.Progress{Deploy: "b", Done: 2})
	const want = "proving 2 deploys\nstill at a: 600000 worlds, 9 events deep\nproved 2 of 2: b\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
