package command

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far a proof is: a bar on a terminal, a line now and then
// elsewhere.
type progress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar // nil: lines
	cells int
	told  int // tenths of the cells that a line was printed for
}

func newProgress(w io.Writer, cells int) *progress {
	p := &progress{w: w, cells: cells}
	if f, ok := w.(*os.File); ok && isTerminal(f) {
		p.bar = progressbar.NewOptions(cells,
			progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("proving"), progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false))
	} else {
		fmt.Fprintf(w, "proving %d deploys\n", cells)
	}
	return p
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show says that done cells are finished, the last one called name.
func (p *progress) show(done int, name string) {
	if p.bar != nil {
		p.bar.Set(done)
		return
	}
	if tenths := done * 10 / p.cells; tenths > p.told && p.cells >= 10 || done == p.cells {
		p.told = tenths
		fmt.Fprintf(p.w, "proved %d of %d: %s\n", done, p.cells, name)
	}
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
