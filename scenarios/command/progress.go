package command

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"staleproof/scenarios/prove"
)

// progress shows how far a proof is: a bar on a terminal, a line now and then
// elsewhere.
type progress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar // nil: lines
	cells int
	told  int // tenths of the cells that a line was printed for
	done  int
	long  map[string]int // by deploy: half millions of worlds that were told of
}

func newProgress(w io.Writer, cells int) *progress {
	p := &progress{w: w, cells: cells}
	if _, is := terminal(w); is {
		p.bar = progressbar.NewOptions(cells,
			progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("proving"), progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false))
	} else {
		fmt.Fprintf(w, "proving %d deploys\n", cells)
	}
	return p
}

// show says that done cells are finished, or how far the one is that is still at
// work.
func (p *progress) show(done int, at prove.Progress) {
	if done == p.done {
		p.work(at)
		return
	}
	p.done = done
	name := at.Deploy
	if p.bar != nil {
		p.bar.Set(done)
		return
	}
	if tenths := done * 10 / p.cells; tenths > p.told && p.cells >= 10 || done == p.cells {
		p.told = tenths
		fmt.Fprintf(p.w, "proved %d of %d: %s\n", done, p.cells, name)
	}
}

// work tells of a deploy that takes long, every half million worlds.
func (p *progress) work(at prove.Progress) {
	n := at.States / 500_000
	if n <= p.long[at.Deploy] || at.Depth == 0 {
		return
	}
	if p.long == nil {
		p.long = map[string]int{}
	}
	p.long[at.Deploy] = n
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("proving, %d worlds of %s", at.States, at.Deploy))
		return
	}
	fmt.Fprintf(p.w, "still at %s: %d worlds, %d events deep\n", at.Deploy, at.States, at.Depth)
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
