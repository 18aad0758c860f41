package command

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"
)

// manyFiles is from how many on it is shown how far a build is read: some 0.2 s.
const manyFiles = 2000

// reading shows how far builds are read, one after the other: a bar on a terminal, and
// nothing elsewhere or beside JSON.
type reading struct {
	w   io.Writer // nil: nothing is shown
	bar *progressbar.ProgressBar
	at  string // what the bar is about
}

func newReading(c *cli.Context) *reading {
	if _, is := terminal(c.App.ErrWriter); !is || c.Bool("json") {
		return &reading{}
	}
	return &reading{w: c.App.ErrWriter}
}

// of is told how far the build in a folder is read.
func (r *reading) of(dir string) func(what string, done, of int) {
	if r.w == nil {
		return nil
	}
	return func(what string, done, of int) {
		if of < manyFiles {
			return
		}
		if at := fmt.Sprintf("%s %s", what, printable(filepath.Base(dir))); at != r.at {
			r.end()
			r.at = at
			r.bar = progressbar.NewOptions(of,
				progressbar.OptionSetWriter(r.w), progressbar.OptionSetDescription(at), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false))
		}
		r.bar.Set(done)
	}
}

// end takes the bar away.
func (r *reading) end() {
	if r.bar != nil {
		r.bar.Finish()
		r.bar, r.at = nil, ""
	}
}
